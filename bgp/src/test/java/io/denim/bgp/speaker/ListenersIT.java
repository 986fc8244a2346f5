package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where a speaker listens and whence it dials. */
@Tag("G11")
class ListenersIT extends SpeakerCase {
  private static final int OTHER_PORT = 1790;
  private static final Cidr PREFIX = Cidr.parse("10.244.1.0/26");
  private static final String GOOD =
      SpokenPeer.open((int) AS, 90, address(1), SpokenPeer.CAPABILITIES);

  private static SpeakerConfig listening(int port) {
    return config(SERVER, passive(1, AS), passive(2, AS))
        .withListeners(List.of(new Listener(SERVER, port)));
  }

  private SpokenPeer dial(int node, IpAddress to, int port) {
    return namespace.call(() -> new SpokenPeer(address(node), to, port));
  }

  @Test
  void aListenerIsMovedWhileTheSessionsThatItTookGoOn() throws IOException {
    Speaker speaker = start(listening(PORT));
    try (SpokenPeer before = dial(1, SERVER, PORT)) {
      before.agree(GOOD);
      awaitUp(speaker, "n1");

      speaker.apply(listening(OTHER_PORT));

      assertThatThrownBy(() -> dial(2, SERVER, PORT))
          .hasRootCauseInstanceOf(ConnectException.class);
      try (SpokenPeer after = dial(2, SERVER, OTHER_PORT)) {
        after.agree(SpokenPeer.open((int) AS, 90, address(2), SpokenPeer.CAPABILITIES));
        awaitUp(speaker, "n2");
      }
      speaker.announce(LocalRoute.of(PREFIX));
      assertThat(before.hear(SpokenPeer.UPDATE).body()).isNotEmpty();
      assertThat(status(speaker, "n1").sessions()).isEqualTo(1);
    }
  }

  @Test
  void aSpeakerListensAtTheAddressesThatItWasToldAndNoOthers() throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    assertThatThrownBy(() -> dial(1, address(200), PORT))
        .hasRootCauseInstanceOf(ConnectException.class);
    try (SpokenPeer peer = dial(1, SERVER, PORT)) {
      peer.agree(GOOD);
      awaitUp(speaker, "n1");
    }
  }

  @Test
  void aPeerIsDialledAtItsPortFromTheAddressThatItExpects() {
    start(
        config(address(2), passive(7, AS))
            .withListeners(List.of(new Listener(address(2), OTHER_PORT))));

    Speaker speaker =
        start(config(address(7), dialled(7, 2).port(OTHER_PORT)).withListeners(List.of()));

    awaitUp(speaker, "n2");
  }
}
