# TCP: one client at a time, which may be silent for so many seconds.
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen(5)
print("waiting", flush=True)
while True:
    client, address = server.accept()
    try:
        client.settimeout(float(sys.argv[2]))
        while True:
            said = client.recv(1024)
            print("received", said.decode(), flush=True)
            if not said:
                print("has left", flush=True)
                break
            client.sendall(b"OK")
    except socket.timeout:
        print("time out", flush=True)
    client.close()
