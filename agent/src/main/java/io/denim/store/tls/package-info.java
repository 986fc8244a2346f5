/**
 * What TLS is given in files, read as Go's crypto/tls reads it, since the files were made for
 * programs in Go: {@link io.denim.store.tls.Pem} finds the blocks (RFC 7468), {@link
 * io.denim.store.tls.Certificates} and {@link io.denim.store.tls.PrivateKeys} read them, a key in
 * whichever of its three forms. All of it is pure: text in, values out, and what cannot be read is
 * an {@link java.lang.IllegalArgumentException} that says what is allowed. Whose file it is, and
 * that it is read again when it was replaced, is the affair of each store. Not here: keys with a
 * password.
 */
@NullMarked
package io.denim.store.tls;

import org.jspecify.annotations.NullMarked;
