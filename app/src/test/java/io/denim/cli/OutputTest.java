package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputTest {
  record Peer(String node, Optional<IpAddress> publicIp, List<Cidr> subnets, boolean ready) {}

  record Health(String node, double rtt, List<Peer> peers) {}

  private static final Peer N1 =
      new Peer(
          "n1",
          Optional.of(IpAddress.parse("192.168.1.11")),
          List.of(Cidr.parse("10.244.1.0/24"), Cidr.parse("fd00::/64")),
          true);
  private static final Peer NODE2 = new Peer("node-2", Optional.empty(), List.of(), false);

  @Test
  void aTableHasAlignedColumns() {
    assertThat(text(OutputFormat.TABLE, List.of(N1, NODE2)))
        .isEqualTo(
            """
            NODE     PUBLIC-IP      SUBNETS                   READY
            n1       192.168.1.11   10.244.1.0/24,fd00::/64   yes
            node-2   -              -                         no
            """);
  }

  @Test
  void anEmptyTableSaysSo() {
    assertThat(text(OutputFormat.TABLE, List.of())).isEqualTo("none\n");
    assertThat(text(OutputFormat.JSON, List.of()).strip()).isEqualTo("[ ]");
  }

  @Test
  void jsonHasTheSameInTheOrderOfTheRecord() {
    assertThat(text(OutputFormat.JSON, List.of(N1, NODE2)))
        .isEqualToIgnoringWhitespace(
            """
            [ {
              "node" : "n1",
              "publicIp" : "192.168.1.11",
              "subnets" : [ "10.244.1.0/24", "fd00::/64" ],
              "ready" : true
            }, {
              "node" : "node-2",
              "publicIp" : null,
              "subnets" : [ ],
              "ready" : false
            } ]
            """)
        .endsWith("]\n");
  }

  @Test
  void yamlHasTheSame() {
    assertThat(text(OutputFormat.YAML, List.of(N1)))
        .isEqualTo(
            """
            - node: "n1"
              publicIp: "192.168.1.11"
              subnets:
              - "10.244.1.0/24"
              - "fd00::/64"
              ready: true
            """);
  }

  @Test
  void aRecordWithListsOfRecordsIsSeveralTables() {
    var out = new StringWriter();

    new Output(OutputFormat.TABLE, new PrintWriter(out))
        .write(new Health("n1", 0.1234567, List.of(NODE2)));

    assertThat(out)
        .hasToString(
            """
            node   n1
            rtt    0.123

            peers:
            NODE     PUBLIC-IP   SUBNETS   READY
            node-2   -           -         no
            """);
  }

  private static String text(OutputFormat format, List<? extends Record> rows) {
    var out = new StringWriter();
    new Output(format, new PrintWriter(out)).write(rows);
    return out.toString();
  }
}
