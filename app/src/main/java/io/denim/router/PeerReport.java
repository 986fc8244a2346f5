package io.denim.router;

import java.util.List;

/**
 * A peer and its session.
 *
 * @param peer its name
 * @param address its address
 * @param description the file's words on it
 * @param as the AS that it says it is of, or that the file allows while there is no session
 * @param state of the session, as RFC 4271 calls it
 * @param draining whether its session is to end soon, and its routes are the last choice (RFC 8326)
 * @param since the time when it came into the state (ISO 8601)
 * @param dynamic whether it is of a range
 * @param lastProblem what went wrong last, in words; empty when nothing has
 * @param holdTime that both sides keep to, in words; empty without a session
 * @param lag octets that wait to be sent to it
 * @param sessions how often it has been up
 * @param malformed messages that ended a session
 * @param treatedAsWithdrawn UPDATEs whose routes counted as withdrawn (RFC 7606)
 * @param session what each side said in its OPEN; empty without a session
 * @param families of the session, with the routes both ways
 * @param messages by type
 * @param notifications the last NOTIFICATION each way; empty when there was none
 * @param damaged the last damaged message; empty when there was none
 */
public record PeerReport(
    String peer,
    String address,
    String description,
    String as,
    String state,
    boolean draining,
    String since,
    boolean dynamic,
    String lastProblem,
    String holdTime,
    long lag,
    long sessions,
    long malformed,
    long treatedAsWithdrawn,
    List<Said> session,
    List<Routes> families,
    List<Messages> messages,
    List<LastNotification> notifications,
    List<Damaged> damaged) {
  /** Copies the lists. */
  public PeerReport {
    session = List.copyOf(session);
    families = List.copyOf(families);
    messages = List.copyOf(messages);
    notifications = List.copyOf(notifications);
    damaged = List.copyOf(damaged);
  }

  /**
   * What each side said of one thing.
   *
   * @param said what it is about
   * @param ours what this router said
   * @param theirs what the peer said
   */
  public record Said(String said, String ours, String theirs) {}

  /**
   * Routes of a family.
   *
   * @param family ipv4 or ipv6
   * @param received how many came
   * @param accepted how many of them were let in
   * @param announced how many the peer is told
   * @param complete whether the peer has said that this was its whole table
   * @param stale whether they are kept for a peer that is away
   * @param left for how long they are kept at most, in words; empty when they are not stale
   */
  public record Routes(
      String family,
      long received,
      long accepted,
      long announced,
      boolean complete,
      boolean stale,
      String left) {}

  /**
   * Messages of a type.
   *
   * @param type its name
   * @param received how many came
   * @param sent how many left
   */
  public record Messages(String type, long received, long sent) {}

  /**
   * Why a connection ended, as one side said it.
   *
   * @param direction received or sent
   * @param code code and subcode, as 6/4
   * @param meaning of the code, in words
   * @param communication what the people at the other end wrote (RFC 9003); empty for nothing
   * @param time when (ISO 8601)
   */
  public record LastNotification(
      String direction, String code, String meaning, String communication, String time) {}

  /**
   * A message that was damaged.
   *
   * @param time when it came (ISO 8601)
   * @param cost what was lost by it: session, or its routes (RFC 7606)
   * @param reason what is wrong with it
   * @param octets its beginning, in hexadecimal
   */
  public record Damaged(String time, String cost, String reason, String octets) {}
}
