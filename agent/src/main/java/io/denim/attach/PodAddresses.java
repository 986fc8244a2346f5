package io.denim.attach;

import io.denim.attach.Attachment.Address;
import io.denim.attach.Attachment.Port;
import io.denim.cni.CniException;
import io.denim.ipam.AddressRange;
import io.denim.ipam.AllocationException;
import io.denim.ipam.HostLocal;
import io.denim.net.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of containers, in the folders of the reference plugin host-local. A folder that
 * somebody deletes is made again, with what is in use reserved in it.
 */
final class PodAddresses implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PodAddresses.class);

  /** Where a single address may have been asked for. */
  private static final String ASKED =
      " that runtimeConfig.ips, args.cni.ips, IP in CNI_ARGS or the annotation denim.io/ips asks for";

  private final Records records;
  private final VethReaper reaper;
  private final NodeReach reach;
  private final Map<Path, HostLocal> folders = new HashMap<>();

  PodAddresses(Records records, VethReaper reaper, NodeReach reach) {
    this.records = records;
    this.reaper = reaper;
    this.reach = reach;
  }

  private HostLocal in(Path folder, String networkName) {
    Path network = folder.resolve(networkName);
    Path here = reach.at(folder);
    synchronized (folders) {
      HostLocal files = folders.get(network);
      if (files == null || !files.isIntact()) {
        files = new HostLocal(here, networkName, folder);
        reserveAgain(files, network, here.resolve(networkName));
        if (folders.put(network, files) != null) {
          LOG.warn("the folder {} was deleted; what is attached is reserved there again", network);
        }
      }
      return files;
    }
  }

  /** What somebody has deleted of the reservations of a network is still in use. */
  private void reserveAgain(HostLocal files, Path network, Path here) {
    for (Attachment attachment : records.all()) {
      Optional<Port> port =
          attachment
              .port()
              .filter(of -> Path.of(of.addressFolder(), attachment.network()).equals(network));
      for (Address address : port.map(Port::addresses).orElse(List.of())) {
        IpAddress ip = address.address().address();
        if (!Files.exists(here.resolve(ip.toString()))) {
          files.claim(owner(attachment.key()), ip, List.of(address.range()));
        }
      }
    }
  }

  private static HostLocal.Owner owner(Attachment.Key key) {
    return new HostLocal.Owner(key.container(), key.ifname());
  }

  /** Whether one more container could have an address of each of these sets. */
  boolean hasFree(BridgePlan plan) {
    HostLocal files = in(plan.addressFolder(), plan.network());
    return plan.sets().stream().allMatch(files::hasFree);
  }

  /**
   * Gives a container an address of each of a plan's sets.
   *
   * @throws CniException when it cannot; what it has given by then is given back by {@link
   *     #release}
   */
  List<Address> assign(Attachment.Key key, BridgePlan plan) {
    if (plan.sets().isEmpty()) {
      return List.of();
    }
    HostLocal files = in(plan.addressFolder(), plan.network());
    HostLocal.Owner owner = owner(key);
    List<IpAddress> wanted = new ArrayList<>(plan.wanted());
    List<Address> assigned = new ArrayList<>();
    for (int i = 0; i < plan.sets().size(); i++) {
      List<AddressRange> set = plan.sets().get(i);
      Optional<IpAddress> claimed =
          wanted.stream()
              .filter(ip -> set.stream().anyMatch(range -> range.subnet().contains(ip)))
              .findFirst();
      HostLocal.Assigned got =
          claimed.isPresent()
              ? claim(files, owner, claimed.get(), set)
              : allocate(files, owner, i, set);
      claimed.ifPresent(wanted::remove);
      assigned.add(new Address(got.address(), got.gateway()));
    }
    if (!wanted.isEmpty()) {
      throw new CniException(
          CniException.Code.INVALID_CONFIG,
          "the address "
              + wanted.getFirst()
              + ASKED
              + " cannot be given: each set of ranges gives one, and the sets are "
              + plan.sets());
    }
    assigned.forEach(each -> reaper.flush(each.address().address().toString()));
    return assigned;
  }

  private static HostLocal.Assigned allocate(
      HostLocal files, HostLocal.Owner owner, int set, List<AddressRange> ranges) {
    try {
      return files.allocate(owner, Integer.toString(set), ranges);
    } catch (AllocationException e) {
      throw new CniException(
          e.reason() == AllocationException.Reason.EXHAUSTED
              ? CniException.Code.EXHAUSTED
              : CniException.Code.IO_FAILURE,
          String.valueOf(e.getMessage()),
          "",
          e);
    }
  }

  private static HostLocal.Assigned claim(
      HostLocal files, HostLocal.Owner owner, IpAddress address, List<AddressRange> ranges) {
    try {
      return files
          .claim(owner, address, ranges)
          .orElseThrow(() ->
              new CniException(
                  CniException.Code.TRY_AGAIN,
                  "the address "
                      + address
                      + ASKED
                      + " is taken by another container; it is free once that"
                      + " is deleted"));
    } catch (AllocationException e) {
      throw new CniException(
          e.reason() == AllocationException.Reason.NOT_POSSIBLE
              ? CniException.Code.INVALID_CONFIG
              : CniException.Code.IO_FAILURE,
          String.valueOf(e.getMessage()),
          "",
          e);
    }
  }

  /** Frees the addresses of a container. Nobody gets one of them before its veth is gone. */
  void release(Attachment.Key key, Path folder, String networkName) {
    in(folder, networkName)
        .release(owner(key))
        .forEach(address -> reaper.dying(address.toString()));
  }

  /** Frees all addresses of a network that nobody of these has and that are older than this. */
  void collectGarbage(
      Path folder, String networkName, Set<Attachment.Key> alive, Instant lookedAt) {
    Set<HostLocal.Owner> owners = new HashSet<>();
    alive.forEach(key -> owners.add(owner(key)));
    in(folder, networkName).collectGarbage(owners, lookedAt);
  }

  /** What is wrong with the files, in words for a person. */
  List<String> problems() {
    List<HostLocal> all;
    synchronized (folders) {
      all = List.copyOf(folders.values());
    }
    List<String> problems = new ArrayList<>();
    for (HostLocal files : all) {
      try {
        problems.addAll(files.problems());
      } catch (AllocationException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return problems;
  }

  @Override
  public void close() {
    synchronized (folders) {
      folders.values().forEach(HostLocal::close);
    }
  }
}
