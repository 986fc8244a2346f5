package io.denim.store.kubernetes;

import io.denim.model.Json;
import io.denim.store.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a kubeconfig: YAML, or JSON as some programs write it. */
final class Kubeconfig {
  private final JsonNode root;
  private final Path folder;
  private final String where;

  private Kubeconfig(JsonNode root, Path folder, String where) {
    this.root = root;
    this.folder = folder;
    this.where = where;
  }

  /** The server of the current context and its user. */
  static Target load(Path file) {
    Path folder =
        Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
    return parse(new Source.InFile(file).read(), folder, "kubeconfig " + file);
  }

  /**
   * Reads the text.
   *
   * @param folder what relative paths in it begin at
   * @param where its name for messages
   */
  static Target parse(String text, Path folder, String where) {
    try {
      return new Kubeconfig(read(text), folder, where).target();
    } catch (JacksonException e) {
      // The parser's own words show the text, in which there are secrets.
      var at = e.getLocation();
      throw new UnavailableException(
          where
              + " is no YAML"
              + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr()));
    }
  }

  /** JSON is YAML too, and is read without loading the larger library. */
  private static JsonNode read(String text) {
    if (text.stripLeading().startsWith("{")) {
      try {
        return Json.mapper().readTree(text);
      } catch (JacksonException e) {
        // YAML that begins like JSON.
      }
    }
    return new YAMLMapper().readTree(text);
  }

  private Target target() {
    if (!root.isObject()) {
      throw problem("is no kubeconfig: it must be an object with clusters, users and contexts");
    }
    JsonNode context = context();
    JsonNode cluster = named("clusters", "cluster", text(context, "cluster"));
    JsonNode user = named("users", "user", text(context, "user"));
    for (String key : List.of("tls-server-name", "proxy-url")) {
      if (!text(cluster, key).isEmpty()) {
        throw problem("has \"" + key + "\", which is not supported; take it out");
      }
    }
    for (String key : List.of("exec", "auth-provider", "username")) {
      if (user.has(key)) {
        throw problem(
            "has a user with \""
                + key
                + "\", which is not supported; use a token, a tokenFile or a client certificate");
      }
    }
    Optional<Source> authority = source(cluster, "certificate-authority");
    Optional<Source> certificate = source(user, "client-certificate");
    Optional<Source> key = source(user, "client-key");
    if (certificate.isPresent() != key.isPresent()) {
      throw problem("has a user with one of client-certificate and client-key; both are needed");
    }
    boolean tls = authority.isPresent() || certificate.isPresent();
    return new Target(
        KubernetesAccess.server(text(cluster, "server"), where + ": server", tls),
        authority,
        cluster.path("insecure-skip-tls-verify").asBoolean(false),
        certificate,
        key,
        token(user));
  }

  /** The current context; where none is current, the only one. */
  private JsonNode context() {
    String current = text(root, "current-context");
    JsonNode contexts = root.path("contexts");
    if (current.isEmpty() && contexts.size() == 1) {
      return contexts.get(0).path("context");
    }
    if (current.isEmpty()) {
      throw problem("has no current-context; set it with kubectl config use-context");
    }
    return named("contexts", "context", current);
  }

  private JsonNode named(String list, String kind, String name) {
    for (JsonNode entry : root.path(list)) {
      if (text(entry, "name").equals(name)) {
        return entry.path(kind);
      }
    }
    throw problem("has no " + kind + " named \"" + name + "\" in its " + list);
  }

  /** What stands behind {@code name-data} as base64, else in the file behind {@code name}. */
  private Optional<Source> source(JsonNode of, String name) {
    String data = text(of, name + "-data");
    if (!data.isEmpty()) {
      try {
        byte[] decoded = Base64.getMimeDecoder().decode(data);
        return Optional.of(
            new Source.Text(
                where + ": " + name + "-data", new String(decoded, StandardCharsets.UTF_8)));
      } catch (IllegalArgumentException e) {
        throw problem("has a \"" + name + "-data\" that is no base64");
      }
    }
    return file(text(of, name));
  }

  /** A file wins over a token that stands beside it, since it is the one that is kept fresh. */
  private Optional<Source> token(JsonNode user) {
    String token = text(user, "token");
    return file(text(user, "tokenFile"))
        .or(() ->
            token.isEmpty()
                ? Optional.empty()
                : Optional.of(new Source.Text(where + ": token", token)));
  }

  private Optional<Source> file(String path) {
    try {
      return path.isEmpty()
          ? Optional.empty()
          : Optional.of(new Source.InFile(folder.resolve(path)));
    } catch (java.nio.file.InvalidPathException e) {
      throw problem("names a file that cannot be one: " + e.getReason());
    }
  }

  private static String text(JsonNode of, String key) {
    JsonNode value = of.path(key);
    return value.isString() ? value.asString() : "";
  }

  private UnavailableException problem(String what) {
    return new UnavailableException(where + " " + what);
  }
}
