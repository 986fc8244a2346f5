package io.denim.store;

/**
 * The name of an entry. In etcd it is {@code <prefix>/<collection>/<name>}, or {@code
 * <prefix>/<name>} when the collection is empty; in Kubernetes the collection is a resource and the
 * name an object's, with {@code namespace/} before it where there are namespaces.
 *
 * <p>Collections are to be chosen so that none is the beginning of the path of another.
 *
 * @param collection where the entry is listed; may be a path ({@code denim/nodes}) or empty
 * @param name its name there, not empty; without {@code /} when the collection is empty
 */
public record Key(String collection, String name) implements Comparable<Key> {
  /** Checks the form. */
  public Key {
    boolean bare = collection.isEmpty();
    if (name.isEmpty()
        || (bare && name.indexOf('/') >= 0)
        || collection.startsWith("/")
        || collection.endsWith("/")) {
      throw new IllegalArgumentException(
          "a key is a collection without / at its ends and a name, got \""
              + collection
              + "\" and \""
              + name
              + "\"");
    }
  }

  @Override
  public int compareTo(Key other) {
    int order = collection.compareTo(other.collection);
    return order != 0 ? order : name.compareTo(other.name);
  }

  /** The path, such as {@code subnets/10.5.52.0-24}. */
  @Override
  public String toString() {
    return collection.isEmpty() ? name : collection + "/" + name;
  }
}
