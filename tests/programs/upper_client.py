# TCP: each line is sent as it is; `exit` ends when it comes back.
import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("127.0.0.1", int(sys.argv[1])))
done = 0
while not done:
    client.send(input("message: ").encode("utf-8"))
    answer = client.recv(1024).decode("utf-8")
    if answer == "exit":
        done = 1
    else:
        print("received", answer)
