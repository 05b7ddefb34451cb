# TCP: one client, one message in GBK, one answer. Its port can be had again at once.
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
server.bind(("", int(sys.argv[1])))
server.listen(128)
print("waiting", flush=True)
client, address = server.accept()
said = client.recv(1024)
print("length", len(said))
print("received", said.decode("gbk"))
client.send("ok, 问题正在处理中...".encode("gbk"))
client.close()
server.close()
