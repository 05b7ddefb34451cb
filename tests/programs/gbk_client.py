# TCP: one message in GBK, one answer.
import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("127.0.0.1", int(sys.argv[1])))
client.send("你好服务端，我是客户端小黑!".encode("gbk"))
answer = client.recv(1024)
print(answer)
print("received", answer.decode("gbk"))
client.close()
