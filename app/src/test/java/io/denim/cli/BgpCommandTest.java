package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BgpCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  private int run(Actions actions, String... words) {
    return Main.run(List.of(words), Map.of(), actions, new PrintWriter(out), new PrintWriter(err));
  }

  @Test
  void peersAreATableWithWhatIsWrongInWords() {
    assertThat(run(new RecordedActions(), "bgp", "peers")).isZero();

    assertThat(out.toString())
        .isEqualTo(
            """
            PEER    ADDRESS    AS      STATE         DRAINING   SINCE                  IN   OUT   LAG   LAST-PROBLEM
            tor-1   10.0.0.2   65001   Established   yes        2026-01-31T10:00:00Z   3    1     0     -
            tor-2   10.0.0.3   65001   Idle          no         2026-01-31T10:00:00Z   0    0     0     nobody listens at 10.0.0.3
            """);
  }

  @Test
  void aPeerIsShownWithBothSidesBesideEachOther() {
    assertThat(run(new RecordedActions(), "bgp", "peer", "tor-1")).isZero();

    assertThat(out.toString())
        .isEqualTo(
            """
            peer                   tor-1
            address                10.0.0.2
            description            -
            as                     65001
            state                  Established
            draining               no
            since                  2026-01-31T10:00:00Z
            dynamic                no
            last problem           -
            hold time              9 s, keepalives every 3.0 s
            lag                    0
            sessions               1
            malformed              0
            treated as withdrawn   0

            session:
            SAID        OURS   THEIRS
            hold time   90 s   9 s

            families:
            FAMILY   RECEIVED   ACCEPTED   ANNOUNCED   COMPLETE   STALE   LEFT
            ipv4     3          2          1           yes        no      -

            messages:
            TYPE     RECEIVED   SENT
            update   3          2

            notifications:
            DIRECTION   CODE   MEANING                        COMMUNICATION   TIME
            received    6/4    ceased: administrative reset   a new cable     2026-01-31T10:00:00Z

            damaged:
            none
            """);
  }

  @Test
  void routesSayWhyTheyWereChosen() {
    assertThat(run(new RecordedActions(), "bgp", "routes")).isZero();

    assertThat(out.toString())
        .isEqualTo(
            """
            PREFIX        NEXT-HOP   FROM    LOCAL-PREF   MED   PATH    COMMUNITIES   SINCE                  STATE   WHY
            10.1.0.0/24   10.0.0.2   tor-1   -            50    65001   65001:1       2026-01-31T10:00:00Z   best    the only path
            """);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void whoSeesOnlyTheFirstRoutesIsToldSo() {
    assertThat(run(new RecordedActions(), "bgp", "routes", "--limit", "1")).isZero();

    assertThat(err.toString())
        .isEqualTo("denim: shown are 1 prefixes; give a PREFIX, or --limit for more\n");
  }

  @Test
  void whatIsDoneIsDataToo() {
    assertThat(run(new RecordedActions(), "bgp", "reset", "tor-1", "-o", "yaml")).isZero();

    assertThat(out.toString()).isEqualTo("peer: \"tor-1\"\ndone: \"the session begins anew\"\n");
  }

  @Test
  void allProblemsOfAFileAreSaidAndTheExitCodeIs2() throws Exception {
    Path file = directory.resolve("r.yaml");
    Files.writeString(file, "as: 0\nrouter-id: x\npears: []\n");

    int code =
        run(new RealActions(new PrintWriter(out), new PrintWriter(err)), "bgp", "run", "" + file);

    assertThat(code).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("denim: " + file + ": 3 problems\n  line 1: as: ")
        .contains("\n  line 2: router-id: ", "\n  line 3: pears: ");
  }

  @Test
  void aFileThatIsNotThereIsSaid() {
    int code =
        run(
            new RealActions(new PrintWriter(out), new PrintWriter(err)),
            "bgp",
            "run",
            "/no/r.yaml");

    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("denim: /no/r.yaml: there is no such file\n");
  }

  @Test
  void whereNobodyAnswersItSaysWhatToDo() {
    int code =
        run(
            new RealActions(new PrintWriter(out), new PrintWriter(err)),
            "bgp",
            "peers",
            "--control",
            "/no/bgp.sock");

    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("denim: no router answers at /no/bgp.sock (")
        .contains("is \"denim bgp run\" running?");
  }
}
