# TCP: a thread for each client, which ends when recv() gives 0 bytes.
import socket
import sys
import threading


def serve(client, address):
    while True:
        said = client.recv(1024)
        if said:
            print("received", said.decode("gbk"), flush=True)
            client.send("ok，问题正在处理中...".encode("gbk"))
        else:
            print("has left", flush=True)
            break
    client.close()


server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
server.bind(("", int(sys.argv[1])))
server.listen(128)
print("waiting", flush=True)
while True:
    client, address = server.accept()
    print("connected", flush=True)
    threading.Thread(target=serve, args=(client, address), daemon=True).start()
