# TCP: answers in upper case. Once somebody has said `exit` nobody is served any more, and no client that just goes is noticed.
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen(5)
done = 0
while True:
    print("waiting", flush=True)
    client, address = server.accept()
    print("connected", flush=True)
    while not done:
        try:
            said = client.recv(1024).decode("utf-8")
        except ConnectionResetError:
            print("broken off", flush=True)
            break
        if said == "exit":
            done = 1
            client.send("exit".encode("utf-8"))
            print("has left", flush=True)
        else:
            print("received", said, flush=True)
            client.send(said.upper().encode("utf-8"))
