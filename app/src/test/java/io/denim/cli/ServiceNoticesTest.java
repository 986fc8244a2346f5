package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.denim.linux.LinuxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ServiceNoticesTest {
  private static final long PID = 42;

  private final AtomicLong nanos = new AtomicLong();
  private final List<String> sent = new ArrayList<>();

  private ServiceNotices notices(Map<String, String> environment) {
    return ServiceNotices.of(environment, PID, Optional.of(sent::add), nanos::get);
  }

  @Test
  void readinessComesWithALine() {
    notices(Map.of()).ready("ready: 3 peers");

    assertThat(sent).containsExactly("READY=1\nSTATUS=ready: 3 peers");
  }

  @Test
  void aLineIsToldWhenItChanges() {
    ServiceNotices notices = notices(Map.of());
    notices.alive("waiting");
    notices.alive("waiting");
    notices.alive("ready");

    assertThat(sent).containsExactly("STATUS=waiting", "STATUS=ready");
  }

  @Test
  void theWatchdogIsFedAboutFourTimesInItsTime() {
    ServiceNotices notices =
        notices(Map.of("WATCHDOG_USEC", "20000000", "WATCHDOG_PID", Long.toString(PID)));
    for (int second = 0; second < 20; second += 2) {
      nanos.addAndGet(Duration.ofSeconds(2).toNanos());
      notices.alive("");
    }

    assertThat(sent).containsExactly("WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1");
  }

  @Test
  void theWatchdogOfAnotherProcessIsNotFed() {
    ServiceNotices notices = notices(Map.of("WATCHDOG_USEC", "1000", "WATCHDOG_PID", "7"));
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    notices.alive("");

    assertThat(sent).isEmpty();
  }

  @Test
  void aWatchdogThatIsNoNumberIsNone() {
    ServiceNotices notices = notices(Map.of("WATCHDOG_USEC", "soon"));
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    notices.alive("");

    assertThat(sent).isEmpty();
  }

  @Test
  void theEndIsTold() {
    notices(Map.of()).stopping();

    assertThat(sent).containsExactly("STOPPING=1\nSTATUS=ending; pods keep their network");
  }

  @Test
  void aManagerThatIsGoneHarmsNobody() {
    ServiceNotices notices =
        ServiceNotices.of(
            Map.of(),
            PID,
            Optional.of(_ -> {
              throw new LinuxException("send", 2);
            }),
            nanos::get);

    assertThatCode(() -> notices.ready("ready")).doesNotThrowAnyException();
  }

  @Test
  void withoutAManagerNothingHappens() {
    assertThatCode(() -> ServiceNotices.of(Map.of()).ready("ready")).doesNotThrowAnyException();
  }
}
