# UDP, from a port of its own.
import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind(("127.0.0.1", int(sys.argv[2])))
try:
    while True:
        client.sendto(input("message: ").encode("utf-8"), ("127.0.0.1", int(sys.argv[1])))
        answer, address = client.recvfrom(1024)
        print("received from", address, answer.decode("utf-8"))
except Exception as error:
    print(error)
