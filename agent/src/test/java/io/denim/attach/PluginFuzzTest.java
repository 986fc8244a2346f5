package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.denim.cni.Call;
import io.denim.cni.CniException;
import io.denim.cni.CniResult;
import io.denim.cni.PluginConfig;
import io.denim.linux.ns.Namespace;
import io.denim.model.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Whatever comes out of the socket gets an answer of the specification's form. */
final class PluginFuzzTest {
  private static final Namespace NODE = Namespace.current();

  /** Goes as far as a verb does without a kernel. */
  private static final class Paper implements Answers.Work {
    @Override
    public String add(Call call, PluginConfig config, Namespace container) {
      return config.previous().orElse(CniResult.EMPTY).format(config.version());
    }

    @Override
    public void check(Call call, PluginConfig config, Namespace container) {
      throw new CniException(CniException.Code.CHECK_FAILED, "never made: " + call.ifname());
    }

    @Override
    public void del(Call call, Optional<Namespace> container) {
      var _ = PluginConfig.parse(call.config());
    }

    @Override
    public void gc(PluginConfig config) {
      if (config.validAttachments().isEmpty()) {
        throw new AttachmentException("nothing is kept on paper");
      }
    }

    @Override
    public void status(Call call, PluginConfig config) {
      throw new CniException(CniException.Code.UNAVAILABLE, "of paper: " + config.name(), "\u0000");
    }

    @Override
    public boolean isAttached(Attachment.Key key) {
      return key.container().length() % 2 == 0;
    }
  }

  @FuzzTest(maxDuration = "60s")
  void anyPayloadIsAnswered(byte[] payload) {
    byte[] answer =
        new Answers(new Paper(), NodeReach.ofHost(NODE), 1, () -> {}, CallListener.NONE)
            .answer(payload, List.of());

    String out = text(answer);
    switch (answer[0]) {
      case 0 -> assertThat(out.isEmpty() || read(out).isObject()).as(out).isTrue();
      case 1 -> {
        JsonNode error = read(out);
        assertThat(error.get("cniVersion").isString()).as(out).isTrue();
        assertThat(error.get("msg").isString()).as(out).isTrue();
        assertThat(error.get("code").asInt()).as(out).isBetween(1, 998);
      }
      default -> throw new AssertionError("exit code " + answer[0] + " with " + out);
    }
  }

  private static String text(byte[] answer) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(answer, 1, answer.length - 1))
          .toString();
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new AssertionError("no UTF-8", e);
    }
  }

  private static JsonNode read(String out) {
    try {
      return Json.mapper().readTree(out);
    } catch (JacksonException e) {
      throw new AssertionError("no JSON: " + out, e);
    }
  }
}
