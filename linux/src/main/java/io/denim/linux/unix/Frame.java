package io.denim.linux.unix;

import io.denim.linux.Descriptor;
import java.util.List;

/** A message that was received, with the descriptors that came with it. */
public final class Frame implements AutoCloseable {
  private final byte[] payload;
  private final List<Descriptor> descriptors;

  Frame(byte[] payload, List<Descriptor> descriptors) {
    this.payload = payload;
    this.descriptors = List.copyOf(descriptors);
  }

  /** The octets after the length; the frame's own array, which nobody else writes to. */
  public byte[] payload() {
    return payload;
  }

  /** The descriptors in the order in which they were sent. Who keeps one takes it. */
  public List<Descriptor> descriptors() {
    return descriptors;
  }

  /** Closes the descriptors that nobody has taken. */
  @Override
  public void close() {
    descriptors.forEach(Descriptor::close);
  }
}
