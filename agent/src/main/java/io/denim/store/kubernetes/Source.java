package io.denim.store.kubernetes;

import io.denim.store.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where a part of the credentials is. */
sealed interface Source {
  /** Beyond any certificate bundle or token. */
  long LARGEST = 4 << 20;

  /** What is there now. */
  String read();

  /** The file to look at for a change. */
  Optional<Path> file();

  /** The words for a message. */
  String where();

  /** In the kubeconfig itself. */
  record Text(String where, String text) implements Source {
    @Override
    public String read() {
      return text;
    }

    @Override
    public Optional<Path> file() {
      return Optional.empty();
    }

    /** Without the text, which may be secret. */
    @Override
    public String toString() {
      return where;
    }
  }

  /** In a file, which may be replaced at any time. */
  record InFile(Path path) implements Source {
    @Override
    public String read() {
      try {
        if (Files.size(path) > LARGEST) {
          throw new UnavailableException(path + " is larger than " + LARGEST + " bytes");
        }
        return new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UnavailableException("cannot read " + path + ": " + e, e);
      }
    }

    @Override
    public Optional<Path> file() {
      return Optional.of(path);
    }

    @Override
    public String where() {
      return path.toString();
    }
  }
}
