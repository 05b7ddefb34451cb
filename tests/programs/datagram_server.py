# UDP: answers whoever sent it, in upper case.
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
print("waiting", flush=True)
while True:
    said, address = server.recvfrom(1024)
    said = said.decode("utf-8")
    print("received from", address, said, flush=True)
    server.sendto(said.upper().encode("utf-8"), address)
