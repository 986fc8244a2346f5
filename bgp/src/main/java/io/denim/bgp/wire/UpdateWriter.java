package io.denim.bgp.wire;

import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes UPDATEs as arrays of their own, as many as the prefixes need: {@link #announce} or {@link
 * #withdraw}, {@link #add} for each prefix, and so on, {@link #take}. For those who keep or hand on
 * what they are given; used again, by one thread.
 */
public final class UpdateWriter {
  /** Header, both lengths, MP_REACH_NLRI without its next hop, and a prefix with its path id. */
  private static final int OVERHEAD = Framer.HEADER_LENGTH + 4 + 9 + 21;

  private static final byte[] NOTHING = {};

  private final UpdateEncoder encoder = new UpdateEncoder();
  private List<byte[]> messages = new ArrayList<>();
  private ByteBuffer room = ByteBuffer.allocate(Framer.MAX_LENGTH);
  private Family family = Family.IPV4;
  private boolean announcing;
  private byte[] attributes = NOTHING;
  private byte[] nextHop = NOTHING;
  private boolean begun;

  /**
   * Prefixes that are added from now on have these attributes. Messages are longer than 4,096
   * octets only if the attributes need that (RFC 8654).
   *
   * @param fourOctetAs as {@link AttributeSet#encode} has it
   * @return false when no message holds so many attributes; then nothing may be added
   */
  public boolean announce(Family of, AttributeSet set, boolean fourOctetAs) {
    finish();
    boolean classic = of == Family.IPV4 && set.nextHop().isV4();
    family = of;
    announcing = true;
    attributes = set.encode(fourOctetAs, classic);
    nextHop = classic ? NOTHING : nextHop(of, set);
    int needed = OVERHEAD + attributes.length + nextHop.length;
    int most = needed > Framer.MAX_LENGTH ? Framer.MAX_EXTENDED_LENGTH : Framer.MAX_LENGTH;
    fit(most);
    return needed <= most;
  }

  private void fit(int most) {
    room = most == room.capacity() ? room : ByteBuffer.allocate(most);
  }

  /** Prefixes that are added from now on are withdrawn. */
  public void withdraw(Family of) {
    finish();
    family = of;
    announcing = false;
    fit(Framer.MAX_LENGTH);
  }

  /**
   * One prefix more.
   *
   * @param pathId of ADD-PATH; -1 for none
   * @param high the upper 64 bits of an IPv6 address, 0 for IPv4
   * @param low the lower 64; for IPv4 the 32 of the address
   */
  public void add(long pathId, long high, long low, int length) {
    if (!begun) {
      begin();
    }
    if (!encoder.add(pathId, high, low, length)) {
      finish();
      begin();
      if (!encoder.add(pathId, high, low, length)) {
        throw new IllegalStateException("no message holds so many attributes");
      }
    }
  }

  private void begin() {
    room.clear();
    if (announcing) {
      encoder.begin(room, room.capacity(), family, attributes, nextHop);
    } else {
      encoder.beginWithdraw(room, room.capacity(), family);
    }
    begun = true;
  }

  private void finish() {
    if (begun && encoder.end() > 0) {
      messages.add(Arrays.copyOf(room.array(), room.position()));
    }
    begun = false;
  }

  /** The messages that have been written since this was asked last. */
  public List<byte[]> take() {
    finish();
    List<byte[]> written = messages;
    messages = new ArrayList<>();
    return written;
  }

  /** As MP_REACH_NLRI has it: IPv6 routes have an IPv6 next hop, whatever a policy gave them. */
  private static byte[] nextHop(Family of, AttributeSet set) {
    IpAddress address = set.nextHop();
    return of == Family.IPV6 && address.isV4() ? address.mapped().bytes() : set.nextHopOctets();
  }
}
