package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeParser;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.NlriReader;
import io.denim.bgp.wire.ParsedAttributes;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.Family;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Takes UPDATEs into the tables. */
final class Incoming {
  private final AttributeTable attributes;
  private final Sources sources;
  private final Map<Family, RoutingTable> tables;
  private final NlriReader nlri = new NlriReader();

  Incoming(AttributeTable attributes, Sources sources, Map<Family, RoutingTable> tables) {
    this.attributes = attributes;
    this.sources = sources;
    this.tables = tables;
  }

  private RoutingTable table(Family family) {
    return Objects.requireNonNull(tables.get(family));
  }

  /** As {@link Rib#update} says. */
  Rib.Taken update(
      int peer, Import in, UpdateReader update, byte[] buffer, Negotiated session, int now) {
    withdraw(peer, Family.IPV4, buffer, update.withdrawn(), session);
    withdraw(peer, update.unreachFamily(), buffer, update.unreach(), session);
    Rib.Taken taken = Rib.Taken.AS_IT_IS;
    if (!update.nlri().isEmpty()) {
      taken =
          announce(
              new Announced(peer, in, Family.IPV4, update.nlri(), AttributeTable.NextHop.IN_BLOCK),
              update,
              buffer,
              session,
              now);
    }
    if (!update.reach().isEmpty()) {
      AttributeTable.NextHop nextHop =
          new AttributeTable.NextHop(update.reachNextHop(), update.reachLinkLocal());
      Announced announced = new Announced(peer, in, update.reachFamily(), update.reach(), nextHop);
      Rib.Taken second = announce(announced, update, buffer, session, now);
      taken = second.equals(Rib.Taken.AS_IT_IS) ? taken : second;
    }
    return taken;
  }

  private void withdraw(
      int peer, Family family, byte[] buffer, UpdateReader.Range range, Negotiated session) {
    if (range.isEmpty()) {
      return;
    }
    RoutingTable table = table(family);
    boolean addPath = session.addPath(family);
    nlri.reset(buffer, range.offset(), range.length(), family, addPath);
    int source = sources.find(peer, 0);
    while (nlri.next()) {
      source = addPath ? sources.find(peer, (int) nlri.pathId()) : source;
      if (source >= 0) {
        table.withdraw(source, nlri.high(), nlri.low(), nlri.length());
      }
    }
  }

  /** One of the two places for announced prefixes in an UPDATE. */
  private record Announced(
      int peer,
      Import in,
      Family family,
      UpdateReader.Range range,
      AttributeTable.NextHop nextHop) {}

  private Rib.Taken announce(
      Announced announced, UpdateReader update, byte[] buffer, Negotiated session, int now) {
    Family family = announced.family();
    if (update.outcome() == UpdateReader.Outcome.WITHDRAW) {
      withdraw(announced.peer(), family, buffer, announced.range(), session);
      return Rib.Taken.withdrawn(update.reason());
    }
    AttributeTable.NextHop nextHop = announced.nextHop();
    AttributeTable.Block block =
        attributes.block(
            update.key(),
            update.keyOffset(),
            update.keyLength(),
            session,
            nextHop,
            () ->
                AttributeParser.parse(
                    update.key(),
                    update.keyOffset(),
                    update.keyLength(),
                    session,
                    nextHop.address(),
                    nextHop.linkLocal(),
                    nextHop.isInBlock()));
    return switch (block.parsed()) {
      case ParsedAttributes.Withdraw(_, _, String words) -> {
        withdraw(announced.peer(), family, buffer, announced.range(), session);
        yield Rib.Taken.withdrawn(words);
      }
      case ParsedAttributes.Good(_, List<ParsedAttributes.Remark> remarks) -> {
        announce(announced, buffer, session, block.set(), now);
        yield remarks.isEmpty() ? Rib.Taken.AS_IT_IS : new Rib.Taken(Optional.empty(), remarks);
      }
    };
  }

  private void announce(Announced announced, byte[] buffer, Negotiated session, int raw, int now) {
    Family family = announced.family();
    RoutingTable table = table(family);
    UpdateReader.Range range = announced.range();
    boolean addPath = session.addPath(family);
    nlri.reset(buffer, range.offset(), range.length(), family, addPath);
    Import in = announced.in();
    int passed = in.passed(raw);
    int source = addPath ? 0 : sources.number(announced.peer(), 0);
    while (nlri.next()) {
      int set = in.let(passed, family, nlri.high(), nlri.low(), nlri.length());
      source = addPath ? sources.number(announced.peer(), (int) nlri.pathId()) : source;
      table.announce(source, nlri.high(), nlri.low(), nlri.length(), raw, set, now);
    }
  }
}
