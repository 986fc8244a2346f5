package io.denim.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** What a container finds at one path. */
public sealed interface ImageFile {
  /** A folder that everybody may read. */
  record Folder() implements ImageFile {}

  /** A folder that everybody may write to, as {@code /tmp} is. */
  record OpenFolder() implements ImageFile {}

  /** A symbolic link. */
  record Link(String target) implements ImageFile {}

  /** A copy of a file of this machine; who may execute it here may do so there. */
  record Copy(Path source) implements ImageFile {}

  /** A program in Denim's jar, by its name beside this class. */
  record Program(String resource) implements ImageFile {
    byte[] bytes() {
      try (InputStream program = ImageFile.class.getResourceAsStream(resource)) {
        if (program == null) {
          throw new IllegalStateException("Denim was built without its program " + resource);
        }
        return program.readAllBytes();
      } catch (IOException e) {
        throw new IllegalStateException("cannot read the program " + resource + " in the jar", e);
      }
    }
  }

  /** A text. */
  record Text(String content) implements ImageFile {}
}
