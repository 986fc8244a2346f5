package io.denim.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code denim test}: the script of that name in a checkout does it; here it is only explained. */
@Command(
    name = "test",
    header = "Build Denim and run all its tests (in a checkout: ./denim test).",
    description = {
      "%nInstalls the Debian packages that tests need, then runs ./build verify. It needs root for"
          + " the tests on the kernel, which leave nothing behind.%n"
    })
final class TestCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ARGS", description = "Arguments for Maven, such as -pl net.")
  private String[] arguments = {};

  @Override
  public Integer call() {
    throw CommandException.failure(
        "there is no checkout to test here; in one, run: ./denim test "
            + String.join(" ", arguments));
  }
}
