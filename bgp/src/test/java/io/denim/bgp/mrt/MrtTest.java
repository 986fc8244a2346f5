package io.denim.bgp.mrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MrtTest {
  private static final String MARKER = "ff".repeat(16);
  private static final String KEEPALIVE = MARKER + "001304";
  private static final Instant TIME = Instant.ofEpochSecond(0x65000000L);
  private static final MrtRecord.Session SESSION =
      new MrtRecord.Session(
          64512, 65536, 0, IpAddress.parse("192.0.2.1"), IpAddress.parse("192.0.2.2"));
  private static final String SESSION_HEX =
      "0000fc00" + "00010000" + "0000" + "0001" + "c0000201" + "c0000202";
  private static final MrtRecord.Form RECEIVED = new MrtRecord.Form(true, false, false);

  @Provide
  Arbitrary<List<MrtRecord>> files() {
    return MrtArbitraries.records().list().ofMaxSize(6);
  }

  private static byte[] hex(String... parts) {
    return HexFormat.of().parseHex(String.join("", parts));
  }

  private static MrtReader reader(byte[] file) {
    return new MrtReader(new ByteArrayInputStream(file));
  }

  private static List<MrtRecord> readAll(MrtReader reader) throws IOException {
    List<MrtRecord> all = new ArrayList<>();
    for (Optional<MrtRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
      all.add(next.get());
    }
    return all;
  }

  private static byte[] write(List<MrtRecord> records) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MrtWriter writer = new MrtWriter(file)) {
      for (MrtRecord each : records) {
        writer.write(each);
      }
    }
    return file.toByteArray();
  }

  @Property(tries = 300)
  void whatIsWrittenIsRead(@ForAll("files") List<MrtRecord> records) throws IOException {
    MrtReader reader = reader(write(records));

    assertThat(readAll(reader)).isEqualTo(records);
    assertThat(reader.truncatedAt()).isEmpty();
    assertThat(reader.skipped()).isZero();
  }

  @Property(tries = 300)
  void aTruncatedFileGivesWhatIsWholeAndWhereItEnds(
      @ForAll("files") List<MrtRecord> records, @ForAll int cut) throws IOException {
    byte[] file = write(records);
    int length = Math.floorMod(cut, file.length + 1);

    MrtReader reader = reader(Arrays.copyOf(file, length));
    List<MrtRecord> read = readAll(reader);

    assertThat(read).isEqualTo(records.subList(0, read.size()));
    int whole = write(read).length;
    assertThat(reader.offset()).isEqualTo(whole);
    assertThat(reader.truncatedAt())
        .isEqualTo(whole == length ? OptionalLong.empty() : OptionalLong.of(whole));
  }

  @Test
  void aMessageIsLikeInTheRfc() {
    var message = new MrtRecord.Message(TIME, false, RECEIVED, SESSION, Bytes.of(hex(KEEPALIVE)));

    assertThat(MrtWriter.encode(message))
        .isEqualTo(hex("65000000", "0010", "0004", "00000027", SESSION_HEX, KEEPALIVE));
  }

  @Test
  void aFineMessageHasItsMicrosecondsBehindTheHeader() {
    var message =
        new MrtRecord.Message(
            TIME.plusNanos(5_999), true, RECEIVED, SESSION, Bytes.of(hex(KEEPALIVE)));

    assertThat(message.time()).isEqualTo(TIME.plusNanos(5_000));
    assertThat(MrtWriter.encode(message))
        .isEqualTo(hex("65000000", "0011", "0004", "0000002b", "00000005", SESSION_HEX, KEEPALIVE));
  }

  @Test
  void aStateChangeIsLikeInTheRfc() {
    var change = new MrtRecord.StateChange(TIME, false, true, SESSION, 5, 6);

    assertThat(MrtWriter.encode(change))
        .isEqualTo(hex("65000000", "0010", "0005", "00000018", SESSION_HEX, "0005", "0006"));
  }

  @Test
  void formsWithPathIdentifiersHaveTheNumbersOfRfc8050() {
    byte[] subtypes = new byte[4];
    int i = 0;
    for (boolean sent : new boolean[] {false, true}) {
      for (boolean four : new boolean[] {false, true}) {
        var session =
            new MrtRecord.Session(1, 2, 0, IpAddress.ANY_V4, IpAddress.parse("192.0.2.2"));
        var form = new MrtRecord.Form(four, sent, true);
        var message = new MrtRecord.Message(TIME, false, form, session, Bytes.of(hex(KEEPALIVE)));
        subtypes[i++] = MrtWriter.encode(message)[7];
      }
    }

    assertThat(subtypes).containsExactly(8, 9, 10, 11);
  }

  @Test
  void aTableIsLikeInTheRfc() throws IOException {
    var peer =
        new MrtRecord.Peer(
            IpAddress.parse("192.0.2.9"), IpAddress.parse("2001:db8::1"), 0xfffffffeL);
    var peers = new MrtRecord.Peers(TIME, IpAddress.parse("192.0.2.2"), "v", List.of(peer));
    var entry = new MrtRecord.Entry(0, TIME, 7, Bytes.of(hex("400101")));
    var routes = new MrtRecord.Routes(TIME, 1, Cidr.parse("10.128.0.0/9"), true, List.of(entry));

    assertThat(write(List.of(peers, routes)))
        .isEqualTo(
            hex(
                "65000000 000d 0001 00000022 c0000202 0001 76 0001 03 c0000209".replace(" ", ""),
                "20010db8000000000000000000000001fffffffe",
                "65000000 000d 0008 00000018 00000001 09 0a80 0001".replace(" ", ""),
                "0000 65000000 00000007 0003 400101".replace(" ", "")));
  }

  @Test
  void recordsOfUnknownKindsAreSkippedAndCounted() throws IOException {
    MrtReader reader =
        reader(
            hex(
                "65000000" + "0020" + "0001" + "00000002" + "abcd",
                "65000000" + "0010" + "0063" + "00000000",
                "65000000" + "0010" + "0004" + "00000027" + SESSION_HEX + KEEPALIVE));

    assertThat(readAll(reader)).hasSize(1);
    assertThat(reader.skipped()).isEqualTo(2);
  }

  @Test
  void aRecordThatIsTooShortForItsFieldsIsAnErrorThatNamesTheOctet() throws IOException {
    String good = "65000000" + "0010" + "0004" + "00000027" + SESSION_HEX + KEEPALIVE;
    MrtReader reader = reader(hex("65000000" + "0010" + "0005" + "00000004" + "0000fc00", good));

    assertThatThrownBy(reader::next)
        .isInstanceOfSatisfying(
            MrtException.class, e -> assertThat(e.offset()).isEqualTo(Code.HEADER + 4))
        .hasMessageContaining("16/5 ends before");
    assertThat(readAll(reader)).hasSize(1);
  }

  @Test
  void aMessageThatIsNotAsLongAsItSaysIsAnError() {
    MrtReader reader =
        reader(hex("65000000", "0010", "0004", "00000028", SESSION_HEX, KEEPALIVE, "00"));

    assertThatThrownBy(reader::next)
        .isInstanceOf(MrtException.class)
        .hasMessageContaining("20 octets are not the BGP message");
  }

  @Test
  void whatSaysItIsLongerThanAnyRecordIsNoMrtFile() throws IOException {
    MrtReader reader = reader(hex("65000000", "0010", "0004", "7fffffff", "00"));

    assertThatThrownBy(reader::next)
        .isInstanceOf(MrtException.class)
        .hasMessage("octet 8 of the MRT file: a record of 2147483647 octets");
    assertThat(reader.next()).isEmpty();
  }

  @Test
  void aRecordWithOctetsLeftOverIsAnError() {
    MrtReader reader =
        reader(hex("65000000", "0010", "0005", "00000019", SESSION_HEX, "00050006", "00"));

    assertThatThrownBy(reader::next)
        .isInstanceOf(MrtException.class)
        .hasMessageContaining("1 octets are left over");
  }
}
