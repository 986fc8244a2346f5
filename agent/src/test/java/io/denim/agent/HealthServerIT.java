package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The port for probes, asked as a kubelet does, in a namespace of its own. */
class HealthServerIT {
  private static final int PORT = 8081;

  private final Namespace node = Namespace.create();
  private final HealthServer server = HealthServer.open(node, IpAddress.ANY_V4, PORT);

  @BeforeEach
  void loopbackIsUp() {
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      kernel.execute(Links.up(kernel.link("lo").orElseThrow().index()));
    }
  }

  @AfterEach
  void gone() {
    server.close();
    node.close();
  }

  private record Agentlike(Optional<String> fault, boolean ready) implements HealthServer.Subject {
    @Override
    public Optional<Metrics.Page> metrics(String accept) {
      return Optional.of(new Metrics.Page("text/x-" + accept, "denim_ready 1\n"));
    }
  }

  private String ask(String method, String path, String... headers) throws IOException {
    SocketChannel channel = node.call(SocketChannel::open);
    try (channel) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
      String request =
          method + " " + path + " HTTP/1.0\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void beforeThereIsAnAgentItRunsAndIsNotReady() throws IOException {
    assertThat(ask("GET", "/healthz")).contains(" 200 ").endsWith("\r\n\r\nflanneld is running");
    assertThat(ask("GET", "/readyz"))
        .contains(" 503 ")
        .endsWith("\r\n\r\nflanneld is not ready yet");
    assertThat(ask("GET", "/metrics")).contains(" 503 ");
  }

  @Test
  void anAgentThatIsReadySaysSo() throws IOException {
    server.attend(new Agentlike(Optional.empty(), true));

    assertThat(ask("GET", "/readyz")).contains(" 200 ").endsWith("\r\n\r\nflanneld is ready");
    assertThat(ask("GET", "/healthz")).contains(" 200 ");
  }

  @Test
  void aFaultMakesItUnhealthyAndIsNamed() throws IOException {
    server.attend(new Agentlike(Optional.of("the agent's loop hangs"), true));

    assertThat(ask("GET", "/healthz")).contains(" 503 ").endsWith("the agent's loop hangs");
  }

  @Test
  void metricsComeInTheFormThatIsAcceptedMost() throws IOException {
    server.attend(new Agentlike(Optional.empty(), true));

    assertThat(ask("GET", "/metrics", "Accept: open"))
        .contains(" 200 ", "Content-type: text/x-open")
        .endsWith("\r\n\r\ndenim_ready 1\n");
  }

  @Test
  void headHasTheLengthAndNoBody() throws IOException {
    assertThat(ask("HEAD", "/healthz"))
        .contains(" 200 ", "Content-length: 19\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void otherMethodsAndPathsAreRefused() throws IOException {
    assertThat(ask("POST", "/healthz")).contains(" 405 ", "Allow: GET, HEAD");
    assertThat(ask("DELETE", "/metrics")).contains(" 405 ");
    assertThat(ask("GET", "/")).contains(" 404 ");
    assertThat(ask("GET", "/healthz/")).contains(" 404 ");
    assertThat(ask("GET", "/healthzz")).contains(" 404 ");
    assertThat(ask("GET", "/healthz?verbose")).contains(" 200 ");
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    assertThatThrownBy(() -> HealthServer.open(node, IpAddress.ANY_V4, PORT))
        .isInstanceOf(AgentException.class)
        .hasMessageContainingAll("0.0.0.0 port 8081", "--healthz-port", "Address already in use");
  }

  @Test
  void withoutAPortThereIsNoServer() {
    HealthServer.open(node, IpAddress.ANY_V4, 0).close();
  }
}
