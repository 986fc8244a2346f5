package io.denim.lab;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** A program on a machine. An nsenter outside waits for it and ends as it does. */
final class MachineProcess extends Process {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Process outside;
  private final ProcessHandle program;

  MachineProcess(Process outside) {
    this.outside = outside;
    Waiting.until(PATIENCE, () -> outside.children().findFirst().isPresent() || !outside.isAlive());
    // One that has ended already is told by the nsenter.
    program = outside.children().findFirst().orElse(outside.toHandle());
  }

  @Override
  public OutputStream getOutputStream() {
    return outside.getOutputStream();
  }

  @Override
  public InputStream getInputStream() {
    return outside.getInputStream();
  }

  @Override
  public InputStream getErrorStream() {
    return outside.getErrorStream();
  }

  @Override
  public int waitFor() throws InterruptedException {
    return outside.waitFor();
  }

  @Override
  public int exitValue() {
    return outside.exitValue();
  }

  @Override
  public ProcessHandle toHandle() {
    return program;
  }

  @Override
  public boolean isAlive() {
    return outside.isAlive();
  }

  @Override
  public void destroy() {
    program.destroy();
  }

  @Override
  public Process destroyForcibly() {
    program.destroyForcibly();
    return this;
  }
}
