package io.denim.apply;

import io.denim.linux.netlink.Request;
import io.denim.linux.nft.TableState;

/** One change of the kernel. */
public sealed interface Step {
  /** In words, beginning with a verb. */
  String describe();

  /**
   * A netlink request; {@code part} is what it changes, {@code absence} whether it takes something
   * away.
   */
  record Netlink(Observed.Part part, Request request, boolean absence) implements Step {
    @Override
    public String describe() {
      return request.describe();
    }
  }

  /** Denim's table, whole; {@code absent} when there is none to be replaced. */
  record Table(TableState table, boolean absent) implements Step {
    @Override
    public String describe() {
      return (absent ? "create" : "replace") + " nftables table " + table.name();
    }
  }

  /** A kernel parameter. */
  record Sysctl(String path, String value) implements Step {
    @Override
    public String describe() {
      return "set sysctl " + path + " to " + value;
    }
  }
}
