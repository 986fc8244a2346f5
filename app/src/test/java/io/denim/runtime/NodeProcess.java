package io.denim.runtime;

import java.io.InputStream;
import java.io.OutputStream;
import org.awaitility.Awaitility;

/** A program on a node. An nsenter outside waits for it and ends as it does. */
final class NodeProcess extends Process {
  private final Process outside;
  private final ProcessHandle program;

  NodeProcess(Process outside) {
    this.outside = outside;
    Awaitility.await().until(() -> outside.children().findFirst().isPresent());
    program = outside.children().findFirst().orElseThrow();
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
