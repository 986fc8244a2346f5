package io.denim.store.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.Permission;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.List;

/** What an administrator, or a flanneld, does in etcd: straight, without any of Denim's code. */
final class Admin implements AutoCloseable {
  private final ManagedChannel channel;

  Admin(EtcdServer server) {
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  private KVGrpc.KVBlockingStub kv() {
    return KVGrpc.newBlockingStub(channel);
  }

  /** A blind put, as flanneld's. */
  long put(String key, String value) {
    return put(key, value, 0);
  }

  long put(String key, String value, long lease) {
    return kv().put(putRequest(key, value, lease)).getHeader().getRevision();
  }

  private static PutRequest putRequest(String key, String value, long lease) {
    return PutRequest.newBuilder()
        .setKey(bytes(key))
        .setValue(bytes(value))
        .setLease(lease)
        .build();
  }

  /** Puts many, a hundred a transaction. */
  void putAll(List<String> keys, String value) {
    for (int from = 0; from < keys.size(); from += 100) {
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      for (String key : keys.subList(from, Math.min(keys.size(), from + 100))) {
        txn.addSuccess(RequestOp.newBuilder().setRequestPut(putRequest(key, value, 0)));
      }
      var _ = kv().txn(txn.build());
    }
  }

  long delete(String key) {
    return kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(key)).build())
        .getHeader()
        .getRevision();
  }

  long grant(long seconds) {
    return LeaseGrpc.newBlockingStub(channel)
        .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(seconds).build())
        .getID();
  }

  long grantedSeconds(long lease) {
    return LeaseGrpc.newBlockingStub(channel)
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(lease).build())
        .getGrantedTTL();
  }

  /** All keys, with their values. */
  List<KeyValue> all() {
    ByteString zero = ByteString.copyFrom(new byte[1]);
    return kv().range(RangeRequest.newBuilder().setKey(zero).setRangeEnd(zero).build())
        .getKvsList();
  }

  void compact(long revision) {
    var _ = kv().compact(CompactionRequest.newBuilder().setRevision(revision).build());
  }

  void addUser(String name, String password, String role) {
    AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(channel);
    var _ =
        auth.userAdd(AuthUserAddRequest.newBuilder().setName(name).setPassword(password).build());
    var _ = auth.roleAdd(AuthRoleAddRequest.newBuilder().setName(role).build());
    var _ =
        auth.userGrantRole(
            AuthUserGrantRoleRequest.newBuilder().setUser(name).setRole(role).build());
  }

  void permit(String role, String from, String end) {
    var _ =
        AuthGrpc.newBlockingStub(channel)
            .roleGrantPermission(
                AuthRoleGrantPermissionRequest.newBuilder()
                    .setName(role)
                    .setPerm(
                        Permission.newBuilder()
                            .setPermType(Permission.Type.READWRITE)
                            .setKey(bytes(from))
                            .setRangeEnd(bytes(end)))
                    .build());
  }

  void enableUsers() {
    var _ = AuthGrpc.newBlockingStub(channel).authEnable(AuthEnableRequest.getDefaultInstance());
  }

  /** A put by a user, in a cluster that has users. */
  void putAs(String user, String password, String key, String value) {
    AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(channel);
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER),
        auth.authenticate(
                AuthenticateRequest.newBuilder().setName(user).setPassword(password).build())
            .getToken());
    var _ =
        kv().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .put(putRequest(key, value, 0));
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
