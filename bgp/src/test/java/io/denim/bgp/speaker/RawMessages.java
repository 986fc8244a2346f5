package io.denim.bgp.speaker;

import io.denim.bgp.wire.Framer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** Whole messages over a socket that blocks. */
final class RawMessages {
  private RawMessages() {}

  /** The next one. */
  static byte[] read(SocketChannel channel) throws IOException {
    InputStream in = Channels.newInputStream(channel);
    byte[] header = in.readNBytes(Framer.HEADER_LENGTH);
    int length = (header[16] & 0xff) << 8 | (header[17] & 0xff);
    byte[] whole = Arrays.copyOf(header, length);
    var _ = in.readNBytes(whole, header.length, length - header.length);
    return whole;
  }

  static void write(SocketChannel channel, byte[] message) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(message);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }
}
