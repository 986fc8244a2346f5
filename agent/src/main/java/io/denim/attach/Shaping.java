package io.denim.attach;

import io.denim.attach.Attachment.Shaped;
import io.denim.cni.Bandwidth;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Qdisc;
import io.denim.linux.netlink.Redirect;
import io.denim.linux.netlink.Request;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.state.PodPorts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Limits the traffic of containers as the reference plugin bandwidth does: a token bucket on the
 * node's end of the veth towards the container, and for what comes from it another on an ifb
 * device, to which the veth hands what comes in.
 */
final class Shaping {
  private static final Duration LATENCY = Duration.ofMillis(25);
  private static final int BITS = 8;

  private final Rtnetlink links;
  private final VethReaper reaper;

  Shaping(Rtnetlink links, VethReaper reaper) {
    this.links = links;
    this.reaper = reaper;
  }

  /** Limits what goes through a veth, in the place of what it was limited to. */
  Shaped limit(Attachment.Key key, Link device, Bandwidth limits) {
    if (limits.ingressRate() > 0) {
      links.execute(
          Qdisc.root(device.index(), bucket(limits.ingressRate(), limits.ingressBurst()))
              .replace());
    }
    if (limits.egressRate() == 0) {
      return new Shaped(device.name(), "", limits);
    }
    String name = mirror(key);
    reaper.flush(name);
    Link mirror = links.link(name).orElseGet(() -> make(name, device));
    links.execute(
        Qdisc.root(mirror.index(), bucket(limits.egressRate(), limits.egressBurst())).replace());
    links.execute(Qdisc.ingress(device.index()).replace());
    if (links.redirects(device.index()).isEmpty()) {
      links.execute(new Redirect(device.index(), mirror.index()).create());
    }
    return new Shaped(device.name(), name, limits);
  }

  private Link make(String name, Link device) {
    links.execute(
        Links.create(
            Links.Spec.of(name, new LinkKind.Ifb())
                .mac(Wiring.hostMac(name))
                .mtu(device.mtu())
                .group(PodPorts.LIMITER)
                .upAtOnce()));
    return links.link(name).orElseThrow(() -> Wiring.gone(name));
  }

  private static Qdisc.Tbf bucket(long rate, long burst) {
    return Qdisc.Tbf.of(Math.max(1, rate / BITS), Math.max(1, burst / BITS), LATENCY);
  }

  /** The same whenever it is asked, so that it can be found without a record. */
  private static String mirror(Attachment.Key key) {
    return "bwp" + Wiring.hostDevice(key).substring("veth".length());
  }

  /** Takes the limits away; there may be none. */
  void remove(Attachment.Key key, Optional<Shaped> shaped) {
    shaped
        .flatMap(limits -> links.link(limits.hostDevice()))
        .ifPresent(device -> {
          attempt(Qdisc.root(device.index(), new Qdisc.Other("tbf")).delete());
          attempt(Qdisc.ingress(device.index()).delete());
        });
    String name = shaped.map(Shaped::mirror).filter(each -> !each.isEmpty()).orElse(mirror(key));
    links
        .link(name)
        .ifPresent(mirror -> {
          attempt(Links.group(mirror.index(), PodPorts.DYING));
          reaper.dying(name);
        });
  }

  /** What is not there is away. */
  private void attempt(Request request) {
    try {
      links.execute(request);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.EINVAL && e.errno() != Errno.ENODEV) {
        throw e;
      }
    }
  }

  /** What of the limits is not as it was made, in words. */
  List<String> missing(Attachment attachment) {
    return attachment.shaped().map(this::missing).orElse(List.of());
  }

  private List<String> missing(Shaped shaped) {
    List<String> missing = new ArrayList<>();
    Bandwidth limits = shaped.limits();
    if (limits.ingressRate() > 0
        && !has(shaped.hostDevice(), bucket(limits.ingressRate(), limits.ingressBurst()))) {
      missing.add("the limit of what goes in by " + shaped.hostDevice() + " is not there");
    }
    if (limits.egressRate() > 0
        && !(has(shaped.mirror(), bucket(limits.egressRate(), limits.egressBurst()))
            && redirects(shaped.hostDevice(), shaped.mirror()))) {
      missing.add("the limit of what comes out by " + shaped.hostDevice() + " is not there");
    }
    return missing;
  }

  private boolean has(String device, Qdisc.Tbf wanted) {
    return links
        .link(device)
        .filter(link ->
            links.qdiscs(link.index()).stream()
                .anyMatch(each -> each.kind() instanceof Qdisc.Tbf there && wanted.sameAs(there)))
        .isPresent();
  }

  private boolean redirects(String device, String mirror) {
    return links
        .link(mirror)
        .flatMap(to ->
            links
                .link(device)
                .filter(from ->
                    links.redirects(from.index()).contains(new Redirect(from.index(), to.index()))))
        .isPresent();
  }
}
