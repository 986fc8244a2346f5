package io.denim.bgp.wire;

import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes an UPDATE apart and judges it as a whole (RFC 4271 section 4.3, 4760, 7606), before
 * anything of it is applied: afterwards every range holds good prefixes only. Belongs to one thread
 * and is used again for each message: {@link #read}, then the accessors, which speak of the buffer
 * that was read and hold until the next {@code read}. Allocates nothing for a good message, but for
 * a next hop that differs from the one before.
 *
 * <p>The order to apply: withdrawn, unreachable, then announced, so that a prefix in both stays
 * (section 2.1 of the reference). What the attributes say is judged by {@link AttributeParser},
 * once for each distinct block: the key.
 */
public final class UpdateReader {
  /** What to do with the announced prefixes. */
  public enum Outcome {
    /** Announce them, if the attributes are good. */
    ANNOUNCE,
    /** Treat them as withdrawn: the attributes cannot be relied on (RFC 7606 section 2). */
    WITHDRAW
  }

  private final Range withdrawn = new Range();
  private final Range nlri = new Range();
  private final MpAttributes mp = new MpAttributes();
  private byte[] scratch = new byte[Framer.MAX_LENGTH];
  private byte[] key = scratch;
  private int keyOffset;
  private int keyLength;
  private Outcome outcome = Outcome.ANNOUNCE;
  private String reason = "";
  private @Nullable Family endOfRib;
  private boolean ignoredFamily;

  /** A part of the buffer; empty if there is none. */
  public static final class Range {
    private int offset;
    private int length;

    Range() {}

    void set(int from, int to) {
      offset = from;
      length = to - from;
    }

    /** Where it begins. */
    public int offset() {
      return offset;
    }

    /** Its octets. */
    public int length() {
      return length;
    }

    /** Whether there is nothing. */
    public boolean isEmpty() {
      return length == 0;
    }
  }

  /**
   * Reads a whole message.
   *
   * @throws Malformed 3/1, 3/4, 3/9, 3/10, when it must end the session; nothing of it is to be
   *     applied
   */
  public void read(byte[] buf, int off, int len, Negotiated session) {
    Framer.checkLength(buf, off, len, Framer.UPDATE);
    int end = off + len;
    int withdrawnFrom = off + Framer.HEADER_LENGTH + 2;
    int withdrawnTo = withdrawnFrom + Octets.int16(buf, withdrawnFrom - 2);
    int from = withdrawnTo + 2;
    if (from > end) {
      throw new Malformed(3, 1, "the withdrawn routes run over the end of the UPDATE");
    }
    int to = from + Octets.int16(buf, withdrawnTo);
    if (to > end) {
      throw new Malformed(3, 1, "the attributes run over the end of the UPDATE");
    }
    outcome = Outcome.ANNOUNCE;
    reason = "";
    ignoredFamily = !session.v4() && (withdrawnTo > withdrawnFrom || end > to);
    withdrawn.set(withdrawnFrom, session.v4() ? withdrawnTo : withdrawnFrom);
    nlri.set(to, session.v4() ? end : to);
    classicFields(buf, session);
    attributes(buf, from, to, session);
    boolean reachable = end > to || mp.reachLocated();
    if (!reachable && (keyLength > 0 || outcome == Outcome.WITHDRAW)) {
      nothingToWithdraw(session);
    }
    endOfRib = endOfRib(len, session, reachable || withdrawnTo > withdrawnFrom);
  }

  private void classicFields(byte[] buf, Negotiated session) {
    check(buf, withdrawn, session.addPathV4(), 1, "withdrawn");
    check(buf, nlri, session.addPathV4(), 10, "announced");
  }

  private static void check(byte[] buf, Range range, boolean addPath, int subcode, String which) {
    int fault = Nlri.fault(buf, range.offset(), range.length(), Family.IPV4.bits(), addPath);
    if (fault >= 0) {
      int end = range.offset() + range.length();
      throw Malformed.of(
          3,
          subcode,
          buf,
          fault,
          end,
          end,
          "a prefix among the " + which + " is cut off or too long");
    }
  }

  /** Finds the multiprotocol attributes; what else there is becomes the key. */
  private void attributes(byte[] buf, int from, int to, Negotiated session) {
    mp.clear();
    key = buf;
    keyOffset = from;
    keyLength = 0;
    int kept = from;
    int at = from;
    while (at < to) {
      int value = at + headerLength(buf, at);
      int next = value > to ? to + 1 : value + valueLength(buf, at);
      if (next > to) {
        withdraw(
            value > to
                ? (to - at) + " octets are left behind the last attribute"
                : AttributeCode.name(buf[at + 1] & 0xff) + " runs over the end of the attributes");
        return;
      }
      int code = buf[at + 1] & 0xff;
      if (code == AttributeCode.MP_REACH_NLRI || code == AttributeCode.MP_UNREACH_NLRI) {
        multiprotocol(buf, at, value, next, session);
        append(buf, kept, at);
        kept = next;
      }
      at = next;
    }
    append(buf, kept, to);
  }

  private void multiprotocol(byte[] buf, int at, int value, int next, Negotiated session) {
    if (buf[at + 1] == AttributeCode.MP_UNREACH_NLRI) {
      mp.unreach(buf, at, value, next, session);
    } else if ((buf[at] & (AttributeCode.OPTIONAL | AttributeCode.TRANSITIVE))
        == AttributeCode.OPTIONAL) {
      mp.reach(buf, value, next, session);
    } else {
      withdraw("MP_REACH_NLRI has the flags " + Octets.hex(buf, at, 1));
      mp.unreadableReach();
    }
    ignoredFamily |= mp.ignoredFamily();
  }

  /** Adds a part of the block to the key, which stays within the buffer while it is one piece. */
  private void append(byte[] buf, int from, int to) {
    int added = to - from;
    if (added == 0) {
      return;
    }
    if (keyLength == 0) {
      keyOffset = from;
      keyLength = added;
      return;
    }
    if (scratch.length < keyLength + added) {
      scratch = Arrays.copyOf(scratch, Framer.MAX_EXTENDED_LENGTH);
    }
    System.arraycopy(key, keyOffset, scratch, 0, keyLength);
    System.arraycopy(buf, from, scratch, keyLength, added);
    key = scratch;
    keyOffset = 0;
    keyLength += added;
  }

  private void withdraw(String why) {
    outcome = Outcome.WITHDRAW;
    reason = why;
  }

  /** A fault that would withdraw, with nothing that could be, ends the session (RFC 7606, 5.2). */
  private void nothingToWithdraw(Negotiated session) {
    String why =
        outcome == Outcome.WITHDRAW
            ? reason
            : AttributeParser.fault(key, keyOffset, keyLength, session).orElse("");
    if (!why.isEmpty()) {
      throw new Malformed(3, 1, why + ", and there is no route to withdraw");
    }
  }

  private @Nullable Family endOfRib(int len, Negotiated session, boolean routes) {
    if (routes || keyLength > 0) {
      return null;
    }
    Family family = mp.unreachRead() ? mp.unreachFamily() : null;
    if (len == Framer.HEADER_LENGTH + 4) {
      family = Family.IPV4;
    }
    return family != null && session.agreed(family) && mp.unreach().isEmpty() ? family : null;
  }

  private static int headerLength(byte[] buf, int at) {
    return (buf[at] & AttributeCode.EXTENDED_LENGTH) != 0 ? 4 : 3;
  }

  private static int valueLength(byte[] buf, int at) {
    return (buf[at] & AttributeCode.EXTENDED_LENGTH) != 0
        ? Octets.int16(buf, at + 2)
        : buf[at + 2] & 0xff;
  }

  /** What to do with {@link #nlri} and {@link #reach}. */
  public Outcome outcome() {
    return outcome;
  }

  /** Why they are to be withdrawn; empty if they are not. */
  public String reason() {
    return reason;
  }

  /** The withdrawn IPv4 prefixes. */
  public Range withdrawn() {
    return withdrawn;
  }

  /** The announced IPv4 prefixes of the message's own field, with NEXT_HOP. */
  public Range nlri() {
    return nlri;
  }

  /** The withdrawn prefixes of MP_UNREACH_NLRI. */
  public Range unreach() {
    return mp.unreach();
  }

  /** Their family; IPv4 if there is no such attribute. */
  public Family unreachFamily() {
    return mp.unreachFamily();
  }

  /** The announced prefixes of MP_REACH_NLRI. */
  public Range reach() {
    return mp.reach();
  }

  /** Their family; IPv4 if there is no such attribute. */
  public Family reachFamily() {
    return mp.reachFamily();
  }

  /** Their next hop; :: if there is no such attribute. */
  public IpAddress reachNextHop() {
    return mp.nextHop();
  }

  /** The link-local address beside it. */
  public Optional<IpAddress> reachLinkLocal() {
    return mp.linkLocal();
  }

  /** The array that holds the other attributes: the buffer, or a copy if they are in two pieces. */
  public byte[] key() {
    return key;
  }

  /** Where in it they begin. */
  public int keyOffset() {
    return keyOffset;
  }

  /** Their octets. */
  public int keyLength() {
    return keyLength;
  }

  /** Whether routes of a family that was not agreed were passed over. */
  public boolean ignoredFamily() {
    return ignoredFamily;
  }

  /** Whether this says that all routes of a family have been told (RFC 4724 section 2). */
  public boolean isEndOfRib() {
    return endOfRib != null;
  }

  /** The family of {@link #isEndOfRib}. */
  public Optional<Family> endOfRib() {
    return Optional.ofNullable(endOfRib);
  }
}
