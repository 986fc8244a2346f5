package io.denim.cli;

import io.denim.router.Answers.Done;
import io.denim.router.Answers.Explanation;
import io.denim.router.Answers.Reloaded;
import io.denim.router.PeerReport;
import io.denim.router.PeerSummary;
import io.denim.router.RecordStream;
import io.denim.router.RouteRow;
import io.denim.router.RouterClient;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/** What the commands of {@code denim bgp} do: one runs a router, the others ask it. */
final class RealBgp implements BgpActions {
  @Override
  public void run(Path file, boolean restarted, LogFormat format, int verbosity) {
    BgpRun.run(file, restarted, format, verbosity);
  }

  @Override
  public List<PeerSummary> peers(Path control) {
    return new RouterClient(control).peers();
  }

  @Override
  public PeerReport peer(Path control, String name) {
    return new RouterClient(control).peer(name);
  }

  @Override
  public List<RouteRow> routes(Path control, String prefix, String in, String out, int most) {
    return new RouterClient(control).routes(prefix, in, out, most);
  }

  @Override
  public Explanation explain(Path control, String prefix, String to) {
    return new RouterClient(control).explain(prefix, to);
  }

  @Override
  public Done reset(Path control, String name, String soft, String message) {
    return new RouterClient(control).reset(name, soft, message);
  }

  @Override
  public Done drain(Path control, String name, boolean off) {
    return new RouterClient(control).drain(name, off);
  }

  @Override
  public void capture(
      Path control, String peer, String file, long most, Duration time, PrintWriter err) {
    try (RecordStream records = new RouterClient(control).capture(peer);
        OutputStream to = open(file)) {
      new Recording(records, to, err, true).run(most, time);
      if (records.gaps() > 0) {
        throw CommandException.failure(
            file + " is not complete: it was not read as fast as it came, gaps: " + records.gaps());
      }
    } catch (IOException e) {
      throw CommandException.failure("cannot write " + file + ": " + e);
    }
  }

  @Override
  public void dump(Path control, String file, PrintWriter err) {
    // Half a table looks like a whole one: the file is there when all is in it.
    boolean whole = file.equals("-");
    Path part = Path.of(whole ? file : file + ".part");
    try (RecordStream records = new RouterClient(control).dump();
        OutputStream to = open(part.toString())) {
      new Recording(records, to, err, false).run(0, Duration.ZERO);
      if (!whole) {
        Files.move(part, Path.of(file), StandardCopyOption.REPLACE_EXISTING);
        whole = true;
      }
    } catch (IOException e) {
      throw CommandException.failure("cannot write " + file + ": " + e);
    } finally {
      if (!whole) {
        remove(part);
      }
    }
  }

  private static void remove(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // That it is no table its name says.
    }
  }

  private static OutputStream open(String file) throws IOException {
    return file.equals("-")
        ? new FileOutputStream(FileDescriptor.out)
        : Files.newOutputStream(Path.of(file));
  }

  @Override
  public Reloaded reload(Path control) {
    return new RouterClient(control).reload();
  }
}
