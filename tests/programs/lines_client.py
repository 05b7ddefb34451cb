# TCP: an empty line ends it.
import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("127.0.0.1", int(sys.argv[1])))
while True:
    line = input("data:")
    if not line:
        break
    try:
        client.sendall(line.encode())
    except socket.error as error:
        print("not sent", error)
        sys.exit(0)
    print("sent")
    print(client.recv(4096))
client.close()
