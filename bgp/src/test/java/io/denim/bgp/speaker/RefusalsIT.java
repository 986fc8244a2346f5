package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.PeerAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Strangers over loopback. */
class RefusalsIT {
  private static final IpAddress ONE = IpAddress.parse("192.0.2.1");
  private static final IpAddress OTHER = IpAddress.parse("192.0.2.2");

  private final Refusals refusals = new Refusals();
  private final List<SocketChannel> dialled = new ArrayList<>();

  private void refuse(IpAddress from, int times) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int i = 0; i < times; i++) {
        dialled.add(SocketChannel.open(listener.getLocalAddress()));
        refusals.refuse(listener.accept(), PeerAddress.of(from), 0);
      }
    }
  }

  private int said(int index) {
    try {
      return dialled.get(index).read(ByteBuffer.allocate(100));
    } catch (IOException e) {
      return -1;
    }
  }

  @AfterEach
  void close() {
    refusals.close();
    dialled.forEach(Closing::quietly);
  }

  @Test
  void manyAreRefusedAtOnceOfWhomFewAreToldWhy() throws IOException {
    refuse(ONE, 3 * Refusals.MOST_TOLD);

    assertThat(refusals.lingering()).isEqualTo(Refusals.MOST_TOLD);
    assertThat(said(0)).isEqualTo(21);
    assertThat(said(dialled.size() - 1)).isEqualTo(-1);
  }

  @Test
  void afterASecondThereIsRoomForOthers() throws IOException {
    refuse(ONE, 2 * Refusals.MOST_TOLD);

    refusals.tick(TimeUnit.SECONDS.toNanos(2));
    int left = refusals.lingering();
    refuse(OTHER, 1);

    assertThat(left).isZero();
    assertThat(said(dialled.size() - 1)).isEqualTo(21);
  }

  @Test
  void whoIsRefusedIsCountedForAMinuteMostOftenFirst() throws IOException {
    refusals.tick(0);
    refuse(ONE, 2);
    refuse(OTHER, 3);

    assertThat(refusals.words()).isEqualTo("refused connections=5 of=192.0.2.2 (3), 192.0.2.1 (2)");
    refusals.tick(1);
    refuse(ONE, 1);
    refusals.tick(2);
    assertThat(refusals.words()).isEqualTo("refused connections=1 of=192.0.2.1 (1)");
    refusals.tick(1 + TimeUnit.MINUTES.toNanos(1));
    assertThat(refusals.words()).isEqualTo("refused connections=0 of=");
  }
}
