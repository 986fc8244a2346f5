package io.denim.linux.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.Descriptor;
import io.denim.linux.ns.Namespace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixConnectionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int LARGEST = 2 << 20;

  @TempDir Path directory;
  private UnixServer server;
  private UnixPeer peer;
  private UnixConnection connection;

  @BeforeEach
  void connect() {
    server = UnixServer.bind(directory.resolve("socket"));
    peer = UnixPeer.connect(server.path());
    connection = server.accept().orElseThrow();
  }

  @AfterEach
  void disconnect() {
    connection.close();
    peer.close();
    server.close();
  }

  @Test
  void aFrameComesWithTheNamespaceThatWasSentAlong() {
    try (Namespace sent = Namespace.create()) {
      peer.send(octets(0, 0, 0, 2, 'h', 'i'), sent.fd());

      try (Frame frame = connection.receive(LARGEST, PATIENCE);
          Namespace received = Namespace.adopt(frame.descriptors().getFirst().take())) {
        assertThat(frame.payload()).isEqualTo(octets('h', 'i'));
        assertThat(received).isEqualTo(sent);
        assertThat(received.fd()).isNotEqualTo(sent.fd());
        assertThat(frame.descriptors()).hasSize(1);
      }
    }
  }

  @Test
  void aFrameComesWithoutADescriptor() {
    peer.send(octets(0, 0, 0, 0));

    Frame frame = connection.receive(0, PATIENCE);

    assertThat(frame.payload()).isEmpty();
    assertThat(frame.descriptors()).isEmpty();
  }

  @Test
  void aFrameInPiecesIsPutTogether() {
    peer.send(octets(0)).send(octets(0, 0)).send(octets(3, 1)).send(octets(2)).send(octets(3));

    assertThat(connection.receive(3, PATIENCE).payload()).isEqualTo(octets(1, 2, 3));
  }

  @Test
  void aFrameLargerThanTheSocketsBufferPassesBothWays() throws Exception {
    byte[] large = new byte[LARGEST];
    new Random(1).nextBytes(large);
    Thread echo =
        Thread.ofPlatform()
            .start(() -> connection.send(connection.receive(LARGEST, PATIENCE).payload()));

    peer.send(octets(0, 0x20, 0, 0)).send(large);

    byte[] answer = new byte[4 + LARGEST];
    for (int at = 0; at < answer.length; ) {
      byte[] part = peer.receive(answer.length - at);
      assertThat(part).isNotEmpty();
      System.arraycopy(part, 0, answer, at, part.length);
      at += part.length;
    }
    assertThat(Arrays.copyOf(answer, 4)).isEqualTo(octets(0, 0x20, 0, 0));
    assertThat(Arrays.copyOfRange(answer, 4, answer.length)).isEqualTo(large);
    assertThat(echo.join(PATIENCE)).isTrue();
  }

  @Test
  void theAnswerHasItsLengthInFront() {
    connection.send("no".getBytes(StandardCharsets.UTF_8));

    assertThat(peer.receive(100)).isEqualTo(octets(0, 0, 0, 2, 'n', 'o'));
  }

  @Test
  void descriptorsThatNobodyTookAreClosedWithTheirFrame() {
    try (var first = new Witness();
        var second = new Witness();
        var third = new Witness()) {
      peer.send(octets(0, 0, 0, 0), first.fd(), second.fd(), third.fd());

      Descriptor kept;
      try (Frame frame = connection.receive(0, PATIENCE)) {
        assertThat(frame.descriptors()).hasSize(3);
        kept = Descriptor.of(frame.descriptors().get(1).take());
      }

      first.assertClosed();
      third.assertClosed();
      second.assertOpen();
      kept.close();
      kept.close();
      second.assertClosed();
    }
  }

  @Test
  void moreThanEightDescriptorsAreClosed() {
    try (var witness = new Witness()) {
      int[] copies = new int[9];
      Arrays.fill(copies, witness.fd());
      peer.send(octets(0, 0, 0, 0), copies);

      try (Frame frame = connection.receive(0, PATIENCE)) {
        assertThat(frame.descriptors()).hasSize(8);
      }
      witness.assertClosed();
    }
  }

  @Test
  void aDescriptorWithALaterOctetIsClosed() {
    try (var late = new Witness()) {
      peer.send(octets(0, 0, 0, 1)).send(octets(7), late.fd());

      Frame frame = connection.receive(1, PATIENCE);

      assertThat(frame.descriptors()).isEmpty();
      late.assertClosed();
    }
  }

  @Test
  void aFrameThatIsTooLongIsRefusedAndItsDescriptorClosed() {
    try (var witness = new Witness()) {
      peer.send(octets(0xff, 0xff, 0xff, 0xff), witness.fd());

      assertThatThrownBy(() -> connection.receive(1000, PATIENCE))
          .isInstanceOf(FrameException.TooLong.class)
          .hasMessage("the peer announces a frame of 4294967295 octets; allowed are 1000");
      witness.assertClosed();
    }
  }

  @Test
  void aFrameThatIsCutShortIsToldAndItsDescriptorClosed() {
    try (var witness = new Witness()) {
      peer.send(octets(0, 0, 0, 4, 'a', 'b', 'c'), witness.fd()).close();

      assertThatThrownBy(() -> connection.receive(4, PATIENCE))
          .isInstanceOf(FrameException.Truncated.class)
          .hasMessage("the peer ended the connection after 3 of 4 octets of a frame");
      witness.assertClosed();
    }
  }

  @Test
  void aLengthThatIsCutShortIsTold() {
    peer.send(octets(0, 0)).close();

    assertThatThrownBy(() -> connection.receive(4, PATIENCE))
        .isInstanceOf(FrameException.Truncated.class);
  }

  @Test
  void aFrameThatDoesNotComeInTimeIsToldAndItsDescriptorClosed() {
    try (var witness = new Witness()) {
      peer.send(octets(0, 0, 0), witness.fd());

      assertThatThrownBy(() -> connection.receive(4, Duration.ofMillis(20)))
          .isInstanceOf(FrameException.TimedOut.class)
          .hasMessage("cannot receive a frame within 20 ms");
      witness.assertClosed();
    }
  }

  @Test
  void aPeerThatIsGoneIsTold() {
    peer.close();

    assertThatThrownBy(() -> connection.receive(4, PATIENCE))
        .isInstanceOf(FrameException.Gone.class);
    assertThatThrownBy(() -> connection.send(new byte[1])).isInstanceOf(FrameException.Gone.class);
  }

  @Test
  void nothingIsDoneOnAClosedConnection() {
    connection.close();
    connection.close();

    assertThatThrownBy(() -> connection.receive(4, PATIENCE))
        .isInstanceOf(FrameException.Gone.class)
        .hasMessage("cannot receive a frame: the connection is closed");
    assertThatThrownBy(() -> connection.send(new byte[1])).isInstanceOf(FrameException.Gone.class);
    assertThatThrownBy(connection::peerUid).isInstanceOf(FrameException.Gone.class);
  }

  /** A connection of which one end is sent along: the other hears when its last copy is closed. */
  private final class Witness implements AutoCloseable {
    private final UnixPeer sent = UnixPeer.connect(server.path());
    private final UnixConnection hearing = server.accept().orElseThrow();

    int fd() {
      return sent.fd();
    }

    void assertOpen() {
      sent.close();
      assertThatThrownBy(() -> hearing.receive(0, Duration.ofMillis(20)))
          .isInstanceOf(FrameException.TimedOut.class);
    }

    void assertClosed() {
      sent.close();
      assertThatThrownBy(() -> hearing.receive(0, PATIENCE))
          .isInstanceOf(FrameException.Gone.class);
    }

    @Override
    public void close() {
      sent.close();
      hearing.close();
    }
  }

  private static byte[] octets(int... values) {
    byte[] octets = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      octets[i] = (byte) values[i];
    }
    return octets;
  }
}
