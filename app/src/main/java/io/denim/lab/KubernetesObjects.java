package io.denim.lab;

import io.denim.net.IpAddress;

/** The objects that a lab's Kubernetes begins with. */
final class KubernetesObjects {
  private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1/";
  private static final String ROLES = RBAC + "clusterroles";
  private static final String BINDINGS = RBAC + "clusterrolebindings";

  private KubernetesObjects() {}

  /** The API server's right to ask kubelets for logs and to run commands in containers. */
  static void kubeletApi(KubernetesApi api) {
    bind(api, "kubelet-api", "system:kubelet-api-admin", "{kind: User, name: kube-apiserver}");
  }

  /**
   * Namespace, service account, rights and ConfigMap of kube-flannel.yml (flannel 0.28), without
   * its DaemonSet.
   */
  static void flannel(KubernetesApi api, String netConf) {
    api.create(
        "/api/v1/namespaces",
        """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: kube-flannel
          labels: {k8s-app: flannel, pod-security.kubernetes.io/enforce: privileged}
        """);
    api.create(
        "/api/v1/namespaces/kube-flannel/serviceaccounts",
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: flannel, labels: {k8s-app: flannel}}
        """);
    api.create(
        ROLES,
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: flannel, labels: {k8s-app: flannel}}
        rules:
        - {apiGroups: [""], resources: [pods], verbs: [get]}
        - {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
        - {apiGroups: [""], resources: [nodes/status], verbs: [patch]}
        """);
    bind(
        api,
        "flannel",
        "flannel",
        "{kind: ServiceAccount, name: flannel, namespace: kube-flannel}");
    api.create(
        "/api/v1/namespaces/kube-flannel/configmaps",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: kube-flannel-cfg
          labels: {tier: node, k8s-app: flannel, app: flannel}
        data:
          net-conf.json: |
            NETCONF
        """
            .replace("NETCONF", netConf));
  }

  /** The name server as a service, and its rights. */
  static void dns(KubernetesApi api, IpAddress service, IpAddress endpoint) {
    api.create(
        ROLES,
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: coredns}
        rules:
        - {apiGroups: [""], resources: [services, pods, namespaces], verbs: [list, watch]}
        - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
        """);
    bind(api, "coredns", "coredns", "{kind: User, name: \"system:coredns\"}");
    api.create(
        "/api/v1/namespaces/kube-system/services",
        """
        apiVersion: v1
        kind: Service
        metadata: {name: kube-dns, labels: {k8s-app: kube-dns}}
        spec:
          clusterIP: "ADDRESS"
          ports:
          - {name: dns, port: 53, protocol: UDP}
          - {name: dns-tcp, port: 53, protocol: TCP}
        """
            .replace("ADDRESS", service.toString()));
    api.create(
        "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices",
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: kube-dns-lab, labels: {kubernetes.io/service-name: kube-dns}}
        addressType: FAMILY
        ports:
        - {name: dns, port: 53, protocol: UDP}
        - {name: dns-tcp, port: 53, protocol: TCP}
        endpoints:
        - {addresses: ["ADDRESS"], conditions: {ready: true}}
        """
            .replace("FAMILY", endpoint.isV4() ? "IPv4" : "IPv6")
            .replace("ADDRESS", endpoint.toString()));
  }

  private static void bind(KubernetesApi api, String name, String role, String subject) {
    api.create(
        BINDINGS,
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: NAME}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "ROLE"}
        subjects: [SUBJECT]
        """
            .replace("NAME", name)
            .replace("ROLE", role)
            .replace("SUBJECT", subject));
  }
}
