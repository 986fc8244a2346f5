package io.denim.cli;

import io.denim.agent.HealthServer;
import io.denim.lab.FlannelOption;
import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.Reach;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code denim train}, hidden: does what everyday commands do and shows nothing, so that the JVM
 * that makes the AOT cache sees their classes. Run by tools/prepare.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final int PORT = 8081;
  private static final List<List<String>> LINES =
      List.of(
          List.of(),
          List.of("help", "lab"),
          List.of("lab", "up", "--help"),
          List.of("agent", "--help"),
          List.of("agent", "--ip-masq", "-iface=eth0", "--healthz-port", "8081", "--version"),
          List.of("agent", "--unknown"),
          List.of("status", "--socket", "/nowhere"),
          List.of("bgp", "--help"),
          List.of("bgp", "run", "/nowhere"),
          List.of("bgp", "peers", "--control", "/nowhere"),
          List.of("version"),
          List.of("version", "-o", "json"),
          List.of("version", "-o", "yaml"),
          List.of("completion"));

  @Option(names = "--router", description = "What a router does, and nothing else.")
  private boolean router;

  @Override
  public Integer call() {
    if (router) {
      trainRouter();
      return 0;
    }
    var nowhere = new PrintWriter(Writer.nullWriter());
    for (List<String> line : LINES) {
      var _ = Main.run(line, Map.of(), new RealActions(nowhere, nowhere), nowhere, nowhere);
    }
    LogFormat.TEXT.formatter();
    LogFormat.JSON.formatter();
    trainLab();
    return 0;
  }

  private void trainRouter() {
    LogSetup.install(LogFormat.TEXT, 0, OutputStream.nullOutputStream());
    inFolder(TrainRouters::run);
  }

  /**
   * A small lab runs what an agent runs. Where namespaces are not allowed, starts are slower and
   * nothing else.
   */
  private static void trainLab() {
    inFolder(directory -> {
      var config =
          LabConfig.nodes(2)
              .name("train")
              .subnets("10.1.0.0/24", "10.2.0.0/24")
              .flannel("vxlan", FlannelOption.DIRECT_ROUTING)
              .build();
      try (Lab lab = Lab.start(config, directory, _ -> {})) {
        lab.addPod("n1", "p1");
        lab.addPod("n2", "p2");
        lab.state().write();
        LabReport.of(lab.state());
        Reach.all(lab.state(), 1);
        lab.removePod("p1");
        askForMetrics(lab, "n1");
        lab.configure("{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"host-gw\"}}");
      }
      TrainStores.run(directory);
    });
  }

  private interface Work {
    void in(Path directory) throws IOException;
  }

  private static void inFolder(Work work) {
    try {
      Path directory = Files.createTempDirectory("denim-train");
      work.in(directory);
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (LinuxException e) {
      // Not allowed to make namespaces.
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use a temporary folder", e);
    }
  }

  private static void askForMetrics(Lab lab, String node) throws IOException {
    Namespace namespace = lab.namespace(node);
    try (HealthServer server = HealthServer.open(namespace, IpAddress.ANY_V4, PORT);
        SocketChannel channel = namespace.call(SocketChannel::open)) {
      lab.showHealth(node, server);
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
      channel.write(
          ByteBuffer.wrap("GET /metrics HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(1 << 16);
      while (channel.read(answer.clear()) >= 0) {
        // Only to the end.
      }
    }
  }
}
