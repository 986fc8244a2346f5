package io.denim.bgp.mrt;

import io.denim.bgp.wire.AddPath;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.CapabilitiesBuilder;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Malformed;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A peer that says what is in an MRT file: dials a speaker, agrees to all that the file needs, and
 * sends the file's UPDATEs as fast as they are taken. It stays, and with it the routes, until it is
 * closed. What it is told is read and forgotten. Used by one thread.
 */
public final class Replay implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final int PATIENCE = 10_000;

  /** Nobody has to say that it is there: an analysis may take its time. */
  private static final int NO_HOLD = 0;

  private final Path file;
  private final Predicate<MrtRecord.Message> which;
  private final MrtRecord.Form form;
  private final Socket socket;
  private final DataInputStream in;
  private boolean longMessages;
  private volatile String end = "";

  /**
   * Who it says it is, and to whom.
   *
   * @param address from which it dials
   * @param as its AS, which may be the speaker's
   * @param identifier its BGP identifier
   * @param speaker whom it dials
   */
  public record Client(
      IpAddress address, long as, IpAddress identifier, InetSocketAddress speaker) {}

  /**
   * What was sent.
   *
   * @param updates messages
   * @param octets of them
   * @param leftOut UPDATEs that another session's form, or length, kept from being sent
   * @param time it took until the last one was written
   */
  public record Outcome(long updates, long octets, long leftOut, Duration time) {}

  private Replay(Path file, Predicate<MrtRecord.Message> which, MrtRecord.Form form, Socket socket)
      throws IOException {
    this.file = file;
    this.which = which;
    this.form = form;
    this.socket = socket;
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
  }

  /** UPDATEs that the writer of the file received. */
  public static boolean isReceived(MrtRecord.Message message) {
    return !message.form().sent();
  }

  /**
   * Dials; the session is up afterwards.
   *
   * @param file with the UPDATEs
   * @param which of its messages; what is no UPDATE is left out anyway
   * @throws IOException when the speaker cannot be reached or refuses
   * @throws MrtException when the file is wrong, or has no such UPDATE
   */
  public static Replay dial(Path file, Predicate<MrtRecord.Message> which, Client client)
      throws IOException {
    MrtRecord.Form form = first(file, which);
    Socket socket = new Socket();
    try {
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(client.address().bytes()), 0));
      socket.connect(client.speaker(), PATIENCE);
      socket.setTcpNoDelay(true);
      Replay replay = new Replay(file, which, form, socket);
      replay.greet(client);
      return replay;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static MrtRecord.Form first(Path file, Predicate<MrtRecord.Message> which)
      throws IOException {
    try (MrtReader reader = reader(file)) {
      for (var each = reader.next(); each.isPresent(); each = reader.next()) {
        if (each.get() instanceof MrtRecord.Message message && isMeant(message, which)) {
          return message.form();
        }
      }
      throw new MrtException(reader.offset(), "it ends, and no UPDATE that is asked for was in it");
    }
  }

  private static MrtReader reader(Path file) throws IOException {
    return new MrtReader(new BufferedInputStream(Files.newInputStream(file), BUFFER));
  }

  private static boolean isMeant(MrtRecord.Message message, Predicate<MrtRecord.Message> which) {
    return message.type() == Framer.UPDATE && which.test(message);
  }

  private void greet(Client client) throws IOException {
    CapabilitiesBuilder can = Capabilities.builder().extendedMessages();
    if (form.fourOctetAs()) {
      can.fourOctetAs();
    }
    for (Family family : Family.values()) {
      can.family(family);
      if (form.addPath()) {
        can.addPath(family, AddPath.SEND);
      }
    }
    socket.setSoTimeout(PATIENCE);
    Open ours = new Open(client.as(), NO_HOLD, client.identifier().low32(), can.build());
    socket.getOutputStream().write(ours.encode());
    byte[] theirs = read(Framer.OPEN);
    longMessages = Open.parse(theirs, 0, theirs.length).capabilities().extendedMessages();
    socket.getOutputStream().write(Framer.keepalive());
    read(Framer.KEEPALIVE);
    socket.setSoTimeout(0);
    Thread.ofVirtual().name("bgp replay").start(this::listen);
  }

  private byte[] read(int type) throws IOException {
    byte[] message = read();
    int got = Framer.type(message, 0);
    if (got == Framer.NOTIFICATION) {
      String words = Notification.parse(message, 0, message.length).words();
      throw new IOException("the speaker refuses: " + words);
    }
    if (got != type) {
      throw new IOException("the speaker sends a message of type " + got + ", not " + type);
    }
    return message;
  }

  private byte[] read() throws IOException {
    byte[] header = new byte[Framer.HEADER_LENGTH];
    in.readFully(header);
    try {
      int length = Framer.needed(header, 0, header.length, Framer.MAX_EXTENDED_LENGTH);
      byte[] message = Arrays.copyOf(header, length);
      in.readFully(message, header.length, length - header.length);
      return message;
    } catch (Malformed e) {
      throw new IOException("the speaker sends what is no BGP: " + e.words(), e);
    }
  }

  private void listen() {
    try {
      while (true) {
        byte[] message = read();
        if (Framer.type(message, 0) == Framer.NOTIFICATION) {
          end = "it says: " + Notification.parse(message, 0, message.length).words();
          return;
        }
      }
    } catch (IOException e) {
      end = "the connection is lost: " + e.getMessage();
    }
  }

  /** Why the speaker has ended the session; empty while it has not. */
  public Optional<String> ended() {
    return end.isEmpty() ? Optional.empty() : Optional.of(end);
  }

  /**
   * Sends all.
   *
   * @throws IOException when the speaker ends the session ({@link #ended} says why)
   */
  public Outcome run() throws IOException {
    long begun = System.nanoTime();
    long updates = 0;
    long octets = 0;
    long leftOut = 0;
    byte[] buffer = new byte[Framer.MAX_EXTENDED_LENGTH];
    int filled = 0;
    int most = longMessages ? Framer.MAX_EXTENDED_LENGTH : Framer.MAX_LENGTH;
    try (MrtReader reader = reader(file)) {
      for (var each = reader.next(); each.isPresent(); each = reader.next()) {
        if (!(each.get() instanceof MrtRecord.Message message) || !isMeant(message, which)) {
          continue;
        }
        byte[] bytes = message.message().toArray();
        if (!isSendable(message.form()) || bytes.length > most) {
          leftOut++;
          continue;
        }
        if (filled + bytes.length > buffer.length) {
          socket.getOutputStream().write(buffer, 0, filled);
          filled = 0;
        }
        System.arraycopy(bytes, 0, buffer, filled, bytes.length);
        filled += bytes.length;
        updates++;
        octets += bytes.length;
      }
    }
    socket.getOutputStream().write(buffer, 0, filled);
    return new Outcome(updates, octets, leftOut, Duration.ofNanos(System.nanoTime() - begun));
  }

  /** What was agreed holds for all. */
  private boolean isSendable(MrtRecord.Form other) {
    return other.addPath() == form.addPath() && other.fourOctetAs() == form.fourOctetAs();
  }

  /** Ends without a word. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
