package io.denim.network;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of the network that nobody can read, with the reasons. Each reason is logged once. Not
 * for use by several threads at once.
 */
public final class Unreadable {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** Of a value in a log line. */
  private static final int LONGEST_SHOWN = 500;

  private final Map<String, String> reasons = new TreeMap<>();

  /** A record that is skipped; false when that is known. */
  public boolean skip(String record, String reason, String value) {
    boolean news = !reason.equals(reasons.put(record, reason));
    if (news) {
      LOG.warn(
          "a record cannot be read and is skipped record={} reason=\"{}\" value=\"{}\"",
          record,
          reason,
          value.length() > LONGEST_SHOWN ? value.substring(0, LONGEST_SHOWN) + "…" : value);
    }
    return news;
  }

  /** A record that can be read; false when it could be before. */
  public boolean mended(String record) {
    boolean news = gone(record);
    if (news) {
      LOG.info("a record that could not be read can be read again record={}", record);
    }
    return news;
  }

  /** A record that is there no more; false when it could be read. */
  public boolean gone(String record) {
    return reasons.remove(record) != null;
  }

  /** Those of these records are there no more. */
  public void goneIf(Predicate<String> gone) {
    reasons.keySet().removeIf(gone);
  }

  /** The reasons by the names of the records. */
  public Map<String, String> reasons() {
    return reasons;
  }
}
