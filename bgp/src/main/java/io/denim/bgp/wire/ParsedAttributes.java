package io.denim.bgp.wire;

import java.util.List;

/** What {@link AttributeParser} makes of a block of attributes. */
public sealed interface ParsedAttributes {
  /**
   * The routes are good.
   *
   * @param remarks what was mended for that, to be logged
   */
  record Good(AttributeSet attributes, List<Remark> remarks) implements ParsedAttributes {
    /** Copies. */
    public Good {
      remarks = List.copyOf(remarks);
    }
  }

  /**
   * The routes are to be treated as withdrawn (RFC 7606 section 2).
   *
   * @param code the error code RFC 4271 would have ended the session with: 3
   * @param subcode its subcode
   * @param words what is wrong
   */
  record Withdraw(int code, int subcode, String words) implements ParsedAttributes {}

  /**
   * An attribute that was discarded or assumed.
   *
   * @param attribute its code
   * @param words why
   */
  record Remark(int attribute, String words) {}
}
