"""One agent among many nodes: how long it takes to start, and what a hundred changes a second cost it.

load.py NETNS etcd|kubernetes NODES SECONDS URL COMMAND…

The store at URL holds NODES nodes already. The command is started in this namespace; then VTEP addresses of
nodes change a hundred times a second, and each change is timed until the kernel has it as a neighbour's.
Prints: seconds from exec to the last route, CPU s up to then, MiB resident, anonymous and proportional, CPU s
of the changes, p50 and p99 and maximum of a change in ms, changes that never came.
"""
import atexit, base64, ctypes, http.client, json, os, select, socket, ssl, struct, subprocess, sys, threading, time, urllib.parse

CLONE_NEWNET = 0x40000000
RTM_NEWROUTE, RTM_NEWNEIGH = 24, 28
NDA_LLADDR = 2
RATE = 100
netns, store, nodes, seconds, url = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
command = sys.argv[6:]


def enter(path):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(os.open(path, os.O_RDONLY), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def listen(groups):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    s.bind((0, 0))
    for group in groups:
        s.setsockopt(270, 1, group)
    return s


def messages(s, timeout):
    if not select.select([s], [], [], timeout)[0]:
        return
    data = s.recv(1 << 16)
    now = time.monotonic()
    while len(data) >= 16:
        length, kind = struct.unpack_from("IH", data)
        yield now, kind, data[16:length]
        data = data[(length + 3) & ~3:]


def hardware_address(body):
    at = 12
    while at + 4 <= len(body):
        length, kind = struct.unpack_from("HH", body, at)
        if kind == NDA_LLADDR:
            return ":".join("%02x" % b for b in body[at + 4:at + length])
        at += (length + 3) & ~3


class Etcd:
    def __init__(self):
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)
        self.lease = self.call("lease/grant", {"TTL": 86400})["ID"]

    def call(self, path, body):
        self.http.request("POST", "/v3/" + path, json.dumps(body))
        return json.load(self.http.getresponse())

    def change(self, i, mac):
        key = "/coreos.com/network/subnets/10.%d.%d.0-24" % (100 + i // 200, i % 200)
        value = ('{"PublicIP":"10.95.%d.%d","PublicIPv6":null,"BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"%s"}}'
                 % (1 + i // 250, 1 + i % 250, mac))
        coded = [base64.b64encode(text.encode()).decode() for text in (key, value)]
        self.call("kv/put", {"key": coded[0], "value": coded[1], "lease": self.lease})


class Kubernetes:
    def __init__(self):
        self.token = os.environ["TOKEN"]
        context = ssl._create_unverified_context()
        self.http = http.client.HTTPSConnection(urllib.parse.urlsplit(url).netloc, context=context)

    def change(self, i, mac):
        data = json.dumps({"VNI": 1, "VtepMAC": mac}, separators=(",", ":"))
        patch = {"metadata": {"annotations": {"flannel.alpha.coreos.com/backend-data": data}}}
        self.http.request("PATCH", "/api/v1/nodes/node-%d/status" % i, json.dumps(patch),
                          {"Content-Type": "application/merge-patch+json", "Authorization": "Bearer " + self.token})
        answer = self.http.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit("load.py: %d %s" % (answer.status, text[:300]))


def agent(pid):
    """The process that does the work: the command may have execed, or have a child that does."""
    kids = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return int(kids[0]) if kids else pid


def cpu(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / 100


def memory(pid):
    found = dict(line.split(":")[:2] for line in open("/proc/%d/smaps_rollup" % pid) if ":" in line[:20])
    return [int(found[key].split()[0]) / 1024 for key in ("Rss", "Anonymous", "Pss")]


enter(netns)
heard = listen((7, 3))
log = open(os.environ["LOG"], "w")
begin = time.monotonic()
process = subprocess.Popen(command, stdout=log, stderr=log)
atexit.register(process.kill)
seen, last = 0, begin
while seen < nodes and time.monotonic() < begin + 120 and process.poll() is None:
    for now, kind, body in messages(heard, 1):
        # An IPv4 route that the kernel did not make itself (protocol 2).
        if kind == RTM_NEWROUTE and body[0] == 2 and body[5] != 2:
            seen += 1
            last = now
if seen < nodes:
    raise SystemExit("load.py: only %d of %d routes came" % (seen, nodes))
pid = agent(process.pid)
start_cpu = cpu(pid)
time.sleep(10)

client = Etcd() if store == "etcd" else Kubernetes()
sent, took, total = {}, [], RATE * seconds
lock = threading.Lock()


def change():
    first = time.monotonic()
    for n in range(total):
        wait = first + n / RATE - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        mac = "06:%02x:%02x:%02x:%02x:%02x" % (n >> 16, n >> 8 & 255, n & 255, 7, 7)
        with lock:
            sent[mac] = time.monotonic()
        client.change(n % nodes, mac)


before = cpu(pid)
writer = threading.Thread(target=change)
writer.start()
end = time.monotonic() + seconds * 3 + 15
while time.monotonic() < end and (writer.is_alive() or sent):
    for now, kind, body in messages(heard, 0.5):
        if kind == RTM_NEWNEIGH and body[0] == 2:
            with lock:
                at = sent.pop(hardware_address(body), None)
            if at is not None:
                took.append((now - at) * 1000)
    if not writer.is_alive() and not sent:
        break
writer.join()
after = cpu(pid)
rss, anonymous, proportional = memory(pid)
process.kill()
process.wait()
if not took:
    raise SystemExit("load.py: none of %d changes came" % total)
took.sort()
print("%.2f %.2f %.1f %.1f %.1f %.2f %.2f %.2f %.2f %d" % (
    last - begin, start_cpu, rss, anonymous, proportional, after - before,
    took[len(took) // 2], took[len(took) * 99 // 100], took[-1], len(sent)))
