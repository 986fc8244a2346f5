package io.denim.bgp.mrt;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Values for properties. */
final class MrtArbitraries {
  private static final long MAX = 0xffff_ffffL;

  private MrtArbitraries() {}

  static Arbitrary<MrtRecord> records() {
    return Arbitraries.oneOf(List.of(messages(), changes(), peers(), routes()));
  }

  private static Arbitrary<Instant> times() {
    return Combinators.combine(
            Arbitraries.longs().between(0, MAX), Arbitraries.integers().between(0, 999_999_999))
        .as(Instant::ofEpochSecond);
  }

  private static Arbitrary<Boolean> either() {
    return Arbitraries.of(true, false);
  }

  private static Arbitrary<Bytes> bytes(int most) {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(most).map(Bytes::of);
  }

  private static Arbitrary<IpAddress> addresses(boolean v4) {
    return v4
        ? Arbitraries.integers().map(IpAddress::v4)
        : Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(IpAddress::v6);
  }

  private static Arbitrary<MrtRecord.Session> sessions(boolean fourOctetAs) {
    Arbitrary<Long> as = Arbitraries.longs().between(0, fourOctetAs ? MAX : 0xffff);
    return either()
        .flatMap(v4 ->
            Combinators.combine(
                    as, as, Arbitraries.integers().between(0, 0xffff), addresses(v4), addresses(v4))
                .as(MrtRecord.Session::new));
  }

  private static Arbitrary<MrtRecord> messages() {
    return Combinators.combine(either(), either(), either())
        .as(MrtRecord.Form::new)
        .flatMap(form ->
            Combinators.combine(
                    times(), either(), sessions(form.fourOctetAs()), bytes(200), octet())
                .as((time, fine, session, body, type) ->
                    new MrtRecord.Message(time, fine, form, session, message(type, body))));
  }

  private static Arbitrary<Integer> octet() {
    return Arbitraries.integers().between(0, 255);
  }

  private static Bytes message(int type, Bytes body) {
    byte[] whole = new byte[19 + body.length()];
    Arrays.fill(whole, 0, 16, (byte) -1);
    whole[16] = (byte) (whole.length >>> 8);
    whole[17] = (byte) whole.length;
    whole[18] = (byte) type;
    System.arraycopy(body.toArray(), 0, whole, 19, body.length());
    return Bytes.of(whole);
  }

  private static Arbitrary<MrtRecord> changes() {
    Arbitrary<Integer> state = Arbitraries.integers().between(1, 6);
    return either()
        .flatMap(four ->
            Combinators.combine(times(), either(), sessions(four), state, state)
                .as((time, fine, session, before, after) ->
                    new MrtRecord.StateChange(time, fine, four, session, before, after)));
  }

  private static Arbitrary<MrtRecord> peers() {
    Arbitrary<MrtRecord.Peer> peer =
        Combinators.combine(
                addresses(true),
                either().flatMap(MrtArbitraries::addresses),
                Arbitraries.longs().between(0, MAX))
            .as(MrtRecord.Peer::new);
    return Combinators.combine(
            times(),
            addresses(true),
            Arbitraries.strings().alpha().ofMaxLength(20),
            peer.list().ofMaxSize(5))
        .as(MrtRecord.Peers::new);
  }

  private static Arbitrary<MrtRecord> routes() {
    return Combinators.combine(either(), either())
        .flatAs((addPath, v4) -> {
          Arbitrary<MrtRecord.Entry> entry =
              Combinators.combine(
                      Arbitraries.integers().between(0, 0xffff),
                      times(),
                      Arbitraries.longs().between(0, addPath ? MAX : 0),
                      bytes(100))
                  .as(MrtRecord.Entry::new);
          Arbitrary<Cidr> prefix =
              Combinators.combine(addresses(v4), Arbitraries.integers().between(0, v4 ? 32 : 128))
                  .as(Cidr::of);
          return Combinators.combine(
                  times(), Arbitraries.longs().between(0, MAX), prefix, entry.list().ofMaxSize(4))
              .as((time, sequence, cidr, entries) ->
                  new MrtRecord.Routes(time, sequence, cidr, addPath, entries));
        });
  }
}
