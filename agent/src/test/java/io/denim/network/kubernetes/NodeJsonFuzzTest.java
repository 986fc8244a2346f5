package io.denim.network.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.denim.model.Json;
import io.denim.store.TestClock;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/** Whatever stands in a Node is a peer, is none, or is told. */
final class NodeJsonFuzzTest {
  private static final NodeAnnotations FLANNEL = new NodeAnnotations("flannel.alpha.coreos.com");

  @FuzzTest(maxDuration = "30s")
  void anyTextIsANodeOrIsRefused(byte[] text) {
    NodeBook book = new NodeBook(FLANNEL, new TestClock());
    try (JsonParser parser = Json.mapper().createParser(text)) {
      parser.nextToken();
      var _ = book.put(NodeObject.reader(FLANNEL).read(parser));
      assertThat(book.peers().size() + book.waiting().size()).isLessThanOrEqualTo(1);
    } catch (JacksonException e) {
      assertThat(e).isNotNull();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void anyAnnotationIsReadOrTold(byte[] text) {
    String value = new String(text, StandardCharsets.UTF_8);
    Map<String, String> annotations =
        Map.of(
            FLANNEL.type(),
            "vxlan",
            FLANNEL.publicIp(io.denim.net.Family.IPV4),
            "1.2.3.4",
            FLANNEL.data(io.denim.net.Family.IPV4),
            value,
            FLANNEL.publicIp(io.denim.net.Family.IPV6),
            value);

    NodeAnnotations.Reading reading = FLANNEL.read(annotations);

    boolean good =
        reading.lease().backendData().isPresent() || value.isEmpty() || value.equals("null");
    assertThat(good || !reading.problems().isEmpty()).isTrue();
  }
}
