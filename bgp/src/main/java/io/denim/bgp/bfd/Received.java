package io.denim.bgp.bfd;

/** What a datagram turned out to be. */
sealed interface Received permits ControlPacket, Discard {}
