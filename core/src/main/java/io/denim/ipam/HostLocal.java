package io.denim.ipam;

import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.store.FileMutex;
import io.denim.store.UnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of the pods of one node in one network, in the files of the reference plugin
 * host-local: a folder a network, in it a file an address, whose content is the owner. Denim and
 * the plugin may use the folder at the same time and in turns.
 *
 * <p>An address belongs to who creates its file, and the kernel lets one do so; that holds against
 * the plugin too. The lock file only keeps Denim's own processes from doing the same work twice
 * (the plugin's lock is of another kind, flock, and does not meet Denim's). A file is complete
 * before it has its name, so a killed agent leaves an address free or owned, never in between.
 * Nothing is synced to disk: a crash of the machine ends the pods with it, and what it leaves is
 * freed by {@link #collectGarbage}.
 *
 * <p>Cost: the names of as many files as there are pods; each is read once.
 */
public final class HostLocal implements AutoCloseable {
  private static final String LAST_RESERVED = "last_reserved_ip.";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The kernel stamps files with a clock that is some milliseconds behind. */
  private static final Duration FILE_TIME_MARGIN = Duration.ofSeconds(1);

  private static final String MODE = "rw-------";

  /** A container's id and an interface's name are far shorter. */
  private static final int LONGEST_OWNER = 4096;

  /** What a person knows the directory by. */
  private final Path shown;

  private final Path directory;
  private final Path temporary;
  private final FileMutex mutex;

  /** What the last look found; used under the mutex only. */
  private Map<IpAddress, Known> known = new TreeMap<>();

  /**
   * Whose an address is.
   *
   * @param containerId the container as the runtime names it
   * @param interfaceName the interface in the container, such as {@code eth0}
   */
  public record Owner(String containerId, String interfaceName) {
    private static final String LINE_BREAK = "\r\n";

    /** Checks that it can be written. */
    public Owner {
      if (containerId.isBlank() || (containerId + interfaceName).chars().anyMatch(c -> c < ' ')) {
        throw new IllegalArgumentException(
            "a container's id is not empty and has no line breaks, got \"" + containerId + "\"");
      }
    }

    private String format() {
      return containerId + LINE_BREAK + interfaceName;
    }

    /** Reads a file; old versions of the plugin wrote no interface. Empty for an empty file. */
    private static Optional<Owner> parse(String content) {
      List<String> lines = content.strip().lines().toList();
      return lines.isEmpty()
              || lines.getFirst().isBlank()
              || lines.getFirst().chars().anyMatch(c -> c < ' ')
          ? Optional.empty()
          : Optional.of(
              new Owner(lines.getFirst().strip(), lines.size() > 1 ? lines.get(1).strip() : ""));
    }

    /** Whether an address with this owner on file is the other's. */
    private boolean isOf(Owner other) {
      return equals(other) || (interfaceName.isEmpty() && containerId.equals(other.containerId));
    }
  }

  /**
   * An address that has been handed out.
   *
   * @param address the address, with the length of its subnet
   * @param gateway the gateway of the subnet
   */
  public record Assigned(InterfaceAddress address, IpAddress gateway) {}

  /**
   * The addresses of a network.
   *
   * @param dataDir the folder of all networks, {@code /var/lib/cni/networks} where nothing else is
   *     said
   * @param network the name of the network
   * @throws AllocationException when its folder cannot be made
   */
  public HostLocal(Path dataDir, String network) {
    this(dataDir, network, dataDir);
  }

  /**
   * As the other, where this process reaches the folder by another path than the one it has.
   *
   * @param named the path by which messages name it
   * @throws AllocationException when its folder cannot be made
   */
  public HostLocal(Path dataDir, String network, Path named) {
    if (network.isEmpty() || network.contains("/") || network.startsWith(".")) {
      throw new IllegalArgumentException(
          "the name of a network is a file name that does not begin with a dot, got \""
              + network
              + "\"");
    }
    shown = named.resolve(network);
    directory = dataDir.toAbsolutePath().resolve(network);
    // Not in the network's own folder, where the plugin takes every file for an address.
    temporary = dataDir.toAbsolutePath().resolve("." + network + ".tmp");
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new AllocationException("cannot make the folder " + shown + ": " + e, e);
    }
    try {
      mutex = FileMutex.open(directory.resolve("lock"));
    } catch (UnavailableException e) {
      throw new AllocationException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Whether the folder is still the one that was opened. Somebody may have deleted it, as a cure
   * for whatever it was; then all work fails, and it has to be opened anew.
   */
  public boolean isIntact() {
    return mutex.isIntact();
  }

  /** Work on the files that may fail. */
  private interface FileWork<T> {
    T run() throws IOException;
  }

  private <T> T alone(String attempted, FileWork<T> work) {
    try {
      return mutex.alone(
          PATIENCE,
          () -> {
            try {
              return work.run();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw new AllocationException(
          "cannot %s in %s: %s".formatted(attempted, shown, e.getCause()), e);
    } catch (UnavailableException e) {
      throw new AllocationException("cannot %s: %s".formatted(attempted, e.getMessage()), e);
    }
  }

  /**
   * Gives an owner an address: the next one that is free after the one given last. An owner that
   * has an address in these ranges keeps it, so a repetition changes nothing.
   *
   * @param rangeId tells the sets of ranges of a network apart; host-local counts them from 0
   * @param ranges the addresses to choose from, in this order
   * @throws AllocationException when none is free
   */
  public Assigned allocate(Owner owner, String rangeId, List<AddressRange> ranges) {
    return alone("allocate an address for " + owner, () -> allocateAlone(owner, rangeId, ranges));
  }

  private Assigned allocateAlone(Owner owner, String rangeId, List<AddressRange> ranges)
      throws IOException {
    Set<IpAddress> taken = new HashSet<>();
    for (var file : files(Look.NAMES).entrySet()) {
      taken.add(file.getKey());
      Optional<AddressRange> range = rangeOf(file.getKey(), ranges);
      if (range.isPresent()
          && file.getValue().filter(owner::equals).isPresent()
          && isOf(file.getKey(), owner)) {
        return assigned(file.getKey(), range.get());
      }
    }
    Path pointer = directory.resolve(LAST_RESERVED + rangeId);
    RoundRobin candidates = new RoundRobin(ranges, pointer(pointer));
    Optional<IpAddress> candidate = candidates.next(taken);
    while (candidate.isPresent()) {
      IpAddress address = candidate.get();
      if (DurableFile.create(
          directory.resolve(address.toString()), owner.format(), temporary, MODE)) {
        known.put(address, Known.written(owner));
        Files.writeString(pointer, address.toString());
        return assigned(address, rangeOf(address, ranges).orElseThrow());
      }
      taken.add(address);
      candidate = candidates.next(taken);
    }
    throw new AllocationException(
        AllocationException.Reason.EXHAUSTED,
        ("no address for %s: all of %s are taken (%d files in %s). Addresses of pods that are gone are"
                + " freed by garbage collection; otherwise nodes need larger subnets")
            .formatted(owner, ranges, taken.size(), shown));
  }

  /**
   * Gives an owner this very address.
   *
   * @return empty when another owner has it
   * @throws AllocationException when it does not lie in the ranges
   */
  public Optional<Assigned> claim(Owner owner, IpAddress address, List<AddressRange> ranges) {
    AddressRange range =
        rangeOf(address, ranges)
            .orElseThrow(() ->
                new AllocationException(
                    AllocationException.Reason.NOT_POSSIBLE,
                    address + " cannot be given to a pod; allowed are " + ranges));
    return alone(
        "claim " + address + " for " + owner,
        () -> {
          Path file = directory.resolve(address.toString());
          boolean mine =
              DurableFile.create(file, owner.format(), temporary, MODE)
                  || read(file).filter(owner::equals).isPresent();
          return mine ? Optional.of(assigned(address, range)) : Optional.empty();
        });
  }

  /**
   * Whether one more address could be given. Only looks at names, and does not wait for others who
   * use the folder, so the answer may be old when it comes.
   */
  public boolean hasFree(List<AddressRange> ranges) {
    Set<IpAddress> taken = new HashSet<>();
    try (DirectoryStream<Path> listed = Files.newDirectoryStream(directory)) {
      for (Path file : listed) {
        IpAddress.tryParse(String.valueOf(file.getFileName())).ifPresent(taken::add);
      }
    } catch (IOException e) {
      throw new AllocationException("cannot list " + shown + ": " + e, e);
    }
    return new RoundRobin(ranges, Optional.empty()).next(taken).isPresent();
  }

  private static Optional<AddressRange> rangeOf(IpAddress address, List<AddressRange> ranges) {
    return ranges.stream().filter(range -> range.offers(address)).findFirst();
  }

  private static Assigned assigned(IpAddress address, AddressRange range) {
    return new Assigned(new InterfaceAddress(address, range.subnet().length()), range.gateway());
  }

  private static Optional<IpAddress> pointer(Path file) {
    try {
      return IpAddress.tryParse(Files.readString(file).strip());
    } catch (IOException e) {
      // Where to begin is only a hint.
      return Optional.empty();
    }
  }

  /** The addresses of an owner, sorted. */
  public List<IpAddress> find(Owner owner) {
    return alone(
        "find the addresses of " + owner, () -> matching(Look.FILES, found -> found.isOf(owner)));
  }

  /**
   * Frees the addresses of an owner; none is fine.
   *
   * @return what was freed
   */
  public List<IpAddress> release(Owner owner) {
    return alone(
        "release the addresses of " + owner,
        () -> {
          List<IpAddress> quick =
              matching(Look.NAMES, owner::equals).stream()
                  .filter(address -> isOf(address, owner))
                  .toList();
          return delete(quick.isEmpty() ? matching(Look.FILES, found -> found.isOf(owner)) : quick);
        });
  }

  /**
   * Frees the addresses of all owners but these, if they were given before the caller began to look
   * who is alive. An old empty file, which a crash of the plugin leaves, is freed too.
   *
   * @param alive who may keep its addresses
   * @param lookedAt when the caller began to look, on the system's clock
   * @return what was freed
   */
  public List<IpAddress> collectGarbage(Set<Owner> alive, Instant lookedAt) {
    Instant old = lookedAt.minus(FILE_TIME_MARGIN);
    return alone(
        "collect garbage",
        () -> {
          List<IpAddress> gone = new ArrayList<>();
          for (var file : files(Look.FILES).entrySet()) {
            Optional<Owner> owner = file.getValue();
            boolean mayGo = owner.isEmpty() || alive.stream().noneMatch(owner.get()::isOf);
            if (mayGo && modified(file.getKey()).isBefore(old)) {
              gone.add(file.getKey());
            }
          }
          return delete(gone);
        });
  }

  private Instant modified(IpAddress address) throws IOException {
    try {
      return Files.getLastModifiedTime(directory.resolve(address.toString())).toInstant();
    } catch (NoSuchFileException e) {
      return Instant.MAX;
    }
  }

  /** How closely the folder is looked at. */
  private enum Look {
    /** At names: a file is believed to hold what it did. */
    NAMES,
    /** At files, whether any has been written by another since. */
    FILES
  }

  private boolean isOf(IpAddress address, Owner owner) {
    return read(directory.resolve(address.toString())).filter(owner::equals).isPresent();
  }

  private List<IpAddress> matching(Look look, Predicate<Owner> wanted) throws IOException {
    List<IpAddress> found = new ArrayList<>();
    for (var file : files(look).entrySet()) {
      if (file.getValue().filter(wanted).isPresent()) {
        found.add(file.getKey());
      }
    }
    return found;
  }

  private List<IpAddress> delete(List<IpAddress> addresses) throws IOException {
    for (IpAddress address : addresses) {
      Files.deleteIfExists(directory.resolve(address.toString()));
    }
    return addresses;
  }

  /** All addresses with their owners. */
  private Map<IpAddress, Optional<Owner>> files(Look look) throws IOException {
    Map<IpAddress, Known> found = new TreeMap<>();
    try (DirectoryStream<Path> listed = Files.newDirectoryStream(directory)) {
      for (Path file : listed) {
        Optional<IpAddress> address = IpAddress.tryParse(String.valueOf(file.getFileName()));
        if (address.isPresent()) {
          Known before = known.get(address.get());
          if (before != null && look == Look.NAMES) {
            found.put(address.get(), before);
          } else {
            known(file, before).ifPresent(now -> found.put(address.get(), now));
          }
        }
      }
    }
    known = found;
    Map<IpAddress, Optional<Owner>> owners = new TreeMap<>();
    found.forEach((address, now) -> owners.put(address, now.owner()));
    return owners;
  }

  /** Reads a file unless it is the one that was read before; empty when it has gone meanwhile. */
  private static Optional<Known> known(Path file, @Nullable Known before) throws IOException {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      Object key = Objects.requireNonNull(attributes.fileKey(), "Linux numbers its files");
      return before != null
              && before.key().equals(key)
              && before.modified().equals(attributes.lastModifiedTime())
          ? Optional.of(before)
          : Optional.of(new Known(key, attributes.lastModifiedTime(), read(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** What was read of a file, and by what its being the same is told. */
  private record Known(Object key, FileTime modified, Optional<Owner> owner) {
    /** Of a file that was written just now, and not looked at. */
    static Known written(Owner owner) {
      return new Known("", FileTime.fromMillis(0), Optional.of(owner));
    }
  }

  /** What cannot be read as an owner has none; its address is taken all the same. */
  private static Optional<Owner> read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] octets = in.readNBytes(LONGEST_OWNER + 1);
      return octets.length > LONGEST_OWNER
          ? Optional.empty()
          : Owner.parse(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Addresses that nobody can have and nobody may get, in words; as the last look found them. */
  public List<String> problems() {
    return alone(
        "look at the addresses",
        () -> {
          List<String> problems = new ArrayList<>();
          files(Look.FILES)
              .forEach((address, owner) -> {
                if (owner.isEmpty()) {
                  problems.add(
                      shown.resolve(address.toString())
                          + " names no container, so the address is given to nobody; delete it, or let GC"
                          + " do so");
                }
              });
          return problems;
        });
  }

  @Override
  public void close() {
    mutex.close();
  }
}
