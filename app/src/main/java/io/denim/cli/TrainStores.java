package io.denim.cli;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.network.LeasedMembership;
import io.denim.network.Membership;
import io.denim.network.kubernetes.KubernetesMembership;
import io.denim.network.kubernetes.KubernetesOptions;
import io.denim.store.Store;
import io.denim.store.StoreException;
import io.denim.store.etcd.EtcdOptions;
import io.denim.store.etcd.EtcdStore;
import io.denim.store.kubernetes.KubernetesAccess;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Joins networks of the stores that are elsewhere, so that training sees what an agent loads for
 * them. What answers is no more than what an agent must hear to join: one peer that changes.
 */
final class TrainStores {
  private static final String CONFIG =
      "{\"Network\":\"10.0.0.0/8\",\"Backend\":{\"Type\":\"vxlan\"}}";
  private static final String PEER =
      "{\"PublicIP\":\"192.168.64.4\",\"PublicIPv6\":null,\"BackendType\":\"vxlan\","
          + "\"BackendData\":{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}}";

  private TrainStores() {}

  /** Does so with both, in seconds at the most. */
  static void run(Path folder) throws IOException {
    etcd();
    kubernetes(folder);
  }

  private static void join(Membership membership) {
    var changes = new CountDownLatch(2);
    try {
      membership.follow(changes::countDown);
      membership.join(
          FlannelConfig.parse(CONFIG, membership.origin()),
          FlannelLease.parse(PEER),
          Optional.empty());
      var _ = changes.await(2, TimeUnit.SECONDS);
    } catch (StoreException e) {
      // Starts are slower and nothing else.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var _ = membership.view();
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  // ---- etcd ----

  private static void etcd() throws IOException {
    Server server =
        NettyServerBuilder.forAddress(anyPort())
            .addService(new Keys())
            .addService(new Leases())
            .addService(new Watches())
            .build()
            .start();
    EtcdOptions options =
        EtcdOptions.of(
            "http://127.0.0.1:" + server.getPort(),
            EtcdOptions.DEFAULT_PREFIX,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    try (Store store = EtcdStore.open(options, RandomGenerator.getDefault());
        Membership membership =
            new LeasedMembership(
                "train",
                store,
                Duration.ofHours(1),
                InstantSource.system(),
                RandomGenerator.getDefault())) {
      join(membership);
    } finally {
      server.shutdownNow();
    }
  }

  private static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setClusterId(1).setRevision(revision).build();
  }

  private static KeyValue entry(String key, String value, long revision) {
    return KeyValue.newBuilder()
        .setKey(ByteString.copyFromUtf8(EtcdOptions.DEFAULT_PREFIX + "/" + key))
        .setValue(ByteString.copyFromUtf8(value))
        .setCreateRevision(1)
        .setModRevision(revision)
        .setVersion(1)
        .setLease(1)
        .build();
  }

  private static <T> void answer(StreamObserver<T> to, T message) {
    to.onNext(message);
    to.onCompleted();
  }

  private static final class Keys extends KVGrpc.KVImplBase {
    private static final List<KeyValue> ALL =
        List.of(entry("config", CONFIG, 1), entry("subnets/10.1.1.0-24", PEER, 1));

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> to) {
      String first = request.getKey().toStringUtf8();
      List<KeyValue> found =
          ALL.stream()
              .filter(each -> {
                String key = each.getKey().toStringUtf8();
                return request.getRangeEnd().isEmpty()
                    ? key.equals(first)
                    : key.compareTo(first) >= 0;
              })
              .toList();
      answer(
          to,
          RangeResponse.newBuilder()
              .setHeader(header(1))
              .addAllKvs(found)
              .setCount(found.size())
              .build());
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> to) {
      answer(to, TxnResponse.newBuilder().setHeader(header(2)).setSucceeded(true).build());
    }
  }

  private static final class Leases extends LeaseGrpc.LeaseImplBase {
    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> to) {
      answer(
          to,
          LeaseGrantResponse.newBuilder()
              .setHeader(header(1))
              .setID(1)
              .setTTL(request.getTTL())
              .build());
    }

    @Override
    public void leaseTimeToLive(
        LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> to) {
      answer(
          to, LeaseTimeToLiveResponse.newBuilder().setHeader(header(1)).setID(1).setTTL(9).build());
    }
  }

  private static final class Watches extends WatchGrpc.WatchImplBase {
    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> to) {
      return new StreamObserver<>() {
        @Override
        public void onNext(WatchRequest request) {
          to.onNext(WatchResponse.newBuilder().setHeader(header(1)).setCreated(true).build());
          KeyValue changed = entry("subnets/10.1.1.0-24", PEER.replace(":44", ":45"), 3);
          to.onNext(
              WatchResponse.newBuilder()
                  .setHeader(header(3))
                  .addEvents(Event.newBuilder().setType(Event.EventType.PUT).setKv(changed))
                  .build());
        }

        @Override
        public void onError(Throwable problem) {
          // The client is done.
        }

        @Override
        public void onCompleted() {
          to.onCompleted();
        }
      };
    }
  }

  // ---- Kubernetes ----

  private static void kubernetes(Path folder) throws IOException {
    Path netConf = Files.writeString(folder.resolve("net-conf.json"), CONFIG);
    HttpServer server = HttpServer.create(anyPort(), 0);
    server.createContext("/", TrainStores::answer);
    server.setExecutor(Thread::startVirtualThread);
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    try (Membership membership =
        KubernetesMembership.open(
            new KubernetesOptions(
                KubernetesAccess.of(Optional.empty(), Optional.of(url), Map.of()),
                "train",
                KubernetesOptions.ANNOTATION_PREFIX,
                netConf,
                true),
            InstantSource.system(),
            RandomGenerator.getDefault())) {
      join(membership);
      membership.announceReady();
    } finally {
      server.stop(0);
    }
  }

  private static String node(String name, int number) {
    return """
    {"kind":"Node","apiVersion":"v1","metadata":{"name":"%s","resourceVersion":"%d","annotations":{
     "flannel.alpha.coreos.com/kube-subnet-manager":"true",
     "flannel.alpha.coreos.com/backend-type":"vxlan",
     "flannel.alpha.coreos.com/backend-data":"{\\"VNI\\":1,\\"VtepMAC\\":\\"c6:d2:32:6f:8f:44\\"}",
     "flannel.alpha.coreos.com/public-ip":"192.168.64.4"}},
     "spec":{"podCIDR":"10.1.%d.0/24","podCIDRs":["10.1.%d.0/24"]}}\
    """
        .formatted(name, number, number, number)
        .replace("\n", "");
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    String body;
    if (path.contains("watch=")) {
      body = "{\"type\":\"MODIFIED\",\"object\":" + node("peer", 3).replace(":44", ":45") + "}\n";
    } else if (path.contains("/nodes/")) {
      body = node("train", 2);
    } else {
      body =
          "{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"2\"},"
              + "\"items\":["
              + node("peer", 1)
              + ","
              + node("train", 2)
              + "]}";
    }
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      byte[] octets = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, octets.length);
      exchange.getResponseBody().write(octets);
    }
  }
}
