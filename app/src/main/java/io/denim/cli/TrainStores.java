package io.denim.cli;

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
import io.denim.store.etcd.StandInEtcd;
import io.denim.store.kubernetes.KubernetesAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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
  private static final String CHANGED = changed(PEER);

  private TrainStores() {}

  /** Does so with both, in seconds at the most. */
  static void run(Path folder) throws IOException {
    etcd();
    kubernetes(folder);
  }

  /** What a peer says when the hardware address of its VTEP has changed. */
  private static String changed(String peer) {
    return peer.replace(":44", ":45");
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

  private static void etcd() throws IOException {
    try (StandInEtcd server = StandInEtcd.start(CONFIG, PEER, CHANGED)) {
      EtcdOptions options =
          EtcdOptions.of(
              server.url(),
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
      }
    }
  }

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
      body = "{\"type\":\"MODIFIED\",\"object\":" + changed(node("peer", 3)) + "}\n";
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
