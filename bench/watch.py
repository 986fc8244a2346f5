"""Times what the kernel says through its netlink notifications.

watch.py NETNS drift COUNT           deletes things by hand, and times until each is back
watch.py NETNS run ROUTES COMMAND…   starts a command, and times until so many routes have come
"""
import ctypes, os, select, socket, struct, subprocess, sys, time

CLONE_NEWNET = 0x40000000
GROUPS = {0: (1, 3, 5, 7), 12: (7,)}  # rtnetlink: link, neigh, addr, route; netfilter: nftables


def enter(path):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open(path, os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def listen(protocol):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    s.bind((0, 0))
    for group in GROUPS[protocol]:
        s.setsockopt(270, 1, group)
    s.setblocking(False)
    return s


def messages(sockets, timeout):
    """(time, type, body) of what comes until the timeout."""
    ready, _, _ = select.select(sockets, [], [], timeout)
    for s in ready:
        data = s.recv(1 << 16)
        now = time.monotonic()
        while len(data) >= 16:
            length, kind = struct.unpack_from("IH", data)
            yield now, kind, data[16:length]
            data = data[(length + 3) & ~3 :]


def out(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def objects():
    """name, message type of its deletion, of its coming back, family or None, and what deletes it."""
    route = out("ip", "route", "show", "dev", "flannel.1").split()[0]
    neighbour = out("ip", "neigh", "show", "dev", "flannel.1", "nud", "permanent").split()[0]
    mac, remote = [(w[0], w[2]) for w in map(str.split, out("bridge", "fdb", "show", "dev", "flannel.1").splitlines()) if "dst" in w][0]
    address = [w for w in out("ip", "-4", "-o", "addr", "show", "dev", "flannel.1").split() if "/" in w][0]
    return [
        ("route", 25, 24, None, ("ip", "route", "del", route)),
        ("neighbour", 29, 28, 2, ("ip", "neigh", "del", neighbour, "dev", "flannel.1")),
        ("fdb", 29, 28, 7, ("bridge", "fdb", "del", mac, "dst", remote, "dev", "flannel.1")),
        ("address", 21, 20, None, ("ip", "addr", "del", address, "dev", "flannel.1")),
        ("device", 17, 16, None, ("ip", "link", "del", "flannel.1")),
        ("chain", 0xA02, 0xA00, None, ("nft", "delete", "table", "inet", "denim")),
    ]


def drain(sockets, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in messages(sockets, 0.01):
            pass


def drift(count):
    sockets = [listen(0), listen(12)]
    print("%-10s %6s %10s %10s" % ("OBJECT", "TIMES", "P50 ms", "MAX ms"))
    every = []
    for name, gone, back, family, command in objects():
        times = []
        for _ in range(count):
            drain(sockets, 0.05)
            # Not waited for: what comes meanwhile must be read when it comes.
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            start, end = None, time.monotonic() + 15
            while time.monotonic() < end:
                done = False
                for now, kind, body in messages(sockets, 1):
                    if family is not None and (not body or body[0] != family):
                        continue
                    if kind == gone and start is None:
                        start = now
                    elif kind == back and start is not None and (name != "device" or b"flannel.1\0" in body):
                        times.append((now - start) * 1000)
                        done = True
                        break
                if done:
                    break
            else:
                times.append(15000.0)
            if process.wait():
                raise SystemExit("watch.py: " + " ".join(command) + " failed")
        every += times
        times.sort()
        print("%-10s %6d %10.2f %10.2f" % (name, count, times[len(times) // 2], times[-1]), flush=True)
    every.sort()
    print("%-10s %6d %10.2f %10.2f" % ("all", len(every), every[len(every) // 2], every[-1]), flush=True)


def run(routes, command):
    sockets = [listen(0)]
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=open(os.environ["LOG"], "w"))
    seen, first, last = 0, None, None
    while seen < routes and time.monotonic() < begin + 120 and process.poll() is None:
        for now, kind, body in messages(sockets, 1):
            # A neighbour of the tunnel, a forwarding entry, or a route that no kernel made (protocol 2).
            if kind == 28 and first is None and struct.unpack_from("H", body, 8)[0] & 0x80:
                first = now
            if kind == 24 and body[0] == 2 and body[5] != 2:
                seen += 1
                last = now
    print("%d %.3f %.3f" % (seen, (last or begin) - (first or begin), (last or begin) - begin), flush=True)
    process.terminate()
    process.wait()


enter(sys.argv[1])
if sys.argv[2] == "drift":
    drift(int(sys.argv[3]))
else:
    run(int(sys.argv[3]), sys.argv[4:])
