// SPDX-License-Identifier: Apache-2.0

// Package config_test applies the manifests to a real API server as a user would, and then tries out what they allow.
package config_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

const (
	operator = "activenumber-operator"
	home     = "activenumber-operator-system"
	tenant   = "team-a"
	stranger = "team-b"
)

func TestTheDefaultInstallation(t *testing.T) {
	c := newCluster(t)
	c.apply(t, "config/default")
	c.apply(t, "config/samples")
	if err := c.admin.Create(t.Context(), number("support-us")); err != nil {
		t.Fatal(err)
	}

	t.Run("runs under restricted pod security", func(t *testing.T) { podSecurity(t, c) })
	t.Run("S09 the operator", func(t *testing.T) { operatorsReach(t, c) })
	t.Run("S09 the operator has no other power", func(t *testing.T) { operatorsRules(t, c) })
	t.Run("a second deployment", func(t *testing.T) { secondDeployment(t, c) })
	t.Run("another Secret's name", func(t *testing.T) { anotherSecret(t, c) })
	t.Run("S13 people", func(t *testing.T) { peoplesReach(t, c) })
	t.Run("the aggregated roles", func(t *testing.T) { aggregation(t, c) })
	t.Run("a scraper", func(t *testing.T) { scrapersReach(t, c) })
	t.Run("those who watch", func(t *testing.T) { watchersReach(t, c) })
}

// podSecurity creates a pod as the Deployment's controller would, and one that must not be, in the same namespace.
func podSecurity(t *testing.T, c *cluster) {
	var deployment appsv1.Deployment
	if err := c.admin.Get(t.Context(), client.ObjectKey{Namespace: home, Name: operator}, &deployment); err != nil {
		t.Fatal(err)
	}
	good := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "good"}, Spec: deployment.Spec.Template.Spec}
	if err := c.admin.Create(t.Context(), good); err != nil {
		t.Errorf("the operator's pod is refused: %v", err)
	}
	bad := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "bad"}, Spec: *deployment.Spec.Template.Spec.DeepCopy()}
	bad.Spec.Containers[0].SecurityContext = nil
	if err := c.admin.Create(t.Context(), bad); !apierrors.IsForbidden(err) {
		t.Errorf("a pod without security context is not refused: %v", err)
	}
}

func operatorsReach(t *testing.T, c *cluster) {
	now := metav1.NowMicro()
	event := &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "seen"}, EventTime: now, Type: "Normal", Action: "Synced", Reason: "Observed",
		ReportingController: operator, ReportingInstance: operator, Regarding: corev1.ObjectReference{Kind: "ActiveNumber", Namespace: tenant, Name: "support-us"},
	}
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: operator}}
	elected := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "elected"}, InvolvedObject: corev1.ObjectReference{Namespace: home}}
	mayAll(t, c.operator(t), map[string]attempt{
		"get a number":                get(number("support-us")),
		"list numbers everywhere":     list(&v1alpha1.ActiveNumberList{}),
		"watch numbers everywhere":    watch(&v1alpha1.ActiveNumberList{}),
		"patch a number's status":     patchStatus(number("support-us")),
		"read the Secret":             get(secret(tenant, "sinch-credentials")),
		"record an event":             create(event),
		"ask who scrapes":             create(&authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: "t"}}),
		"ask what the scraper may":    create(&authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: "u", NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/metrics", Verb: "get"}}}),
		"take the lease":              create(lease),
		"tell that it was elected":    create(elected),
		"take the lease and renew it": update(lease),
	})
	mayNone(t, c.operator(t), map[string]attempt{
		"read another Secret":                 get(secret(tenant, "something-else")),
		"list Secrets":                        list(&corev1.SecretList{}),
		"list Secrets of one namespace":       list(&corev1.SecretList{}, client.InNamespace(tenant)),
		"list Secrets of the name it may get": list(&corev1.SecretList{}, client.InNamespace(tenant), client.MatchingFields{"metadata.name": "sinch-credentials"}),
		"watch Secrets":                       watch(&corev1.SecretList{}),
		"change the Secret":                   update(secret(tenant, "sinch-credentials")),
		"delete the Secret":                   remove(secret(tenant, "sinch-credentials")),
		"create a Secret":                     create(secret(tenant, "new")),
		"create a number":                     create(number("new")),
		"patch a number's spec":               patchSpec(number("support-us")),
		"delete a number":                     remove(number("support-us")),
		"take a lease elsewhere":              create(&coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: operator}}),
		"read a ConfigMap":                    get(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "kube-root-ca.crt"}}),
		"list pods":                           list(&corev1.PodList{}),
		"give itself a role":                  create(&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "mine"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"}}),
	})
}

// What the operator may do besides: in namespaces that let it, in its own, and in the cluster.
var (
	tenantRules = []string{
		"events.k8s.io/events: create",
		"numbers.sinch.com/activenumbers/status: patch",
		"numbers.sinch.com/activenumbers: get,list,watch",
		"/secrets[sinch-credentials]: get",
	}
	homeRules    = []string{"/events: create,patch", "coordination.k8s.io/leases: create,get,update"}
	clusterRules = []string{"authentication.k8s.io/tokenreviews: create", "authorization.k8s.io/subjectaccessreviews: create"}
)

func operatorsRules(t *testing.T, c *cluster) {
	c.has(t, map[string][]string{
		tenant: slices.Concat(clusterRules, tenantRules),
		home:   slices.Concat(clusterRules, tenantRules, homeRules),
	})
}

// has compares, by namespace, the whole list of what the operator may do, less what every ServiceAccount may.
func (c *cluster) has(t *testing.T, byNamespace map[string][]string) {
	t.Helper()
	c.kubectl(t, "create", "serviceaccount", "nobody", "-n", home)
	nobody, err := c.ServiceAccount(t.Context(), home, "nobody")
	if err != nil {
		t.Fatal(err)
	}
	for namespace, want := range byNamespace {
		t.Run("in "+namespace, func(t *testing.T) {
			everybody := rules(t, nobody, namespace)
			got := slices.DeleteFunc(rules(t, c.operatorConfig(t), namespace), func(rule string) bool {
				return slices.Contains(everybody, rule)
			})
			slices.Sort(got)
			got = slices.Compact(got) // two roles may grant the same
			if want := slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
				t.Errorf("the operator may\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
}

// rules returns what the API server says that somebody may do in a namespace.
func rules(t *testing.T, config *rest.Config, namespace string) []string {
	t.Helper()
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	review, err := clients.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(), &authorizationv1.SelfSubjectRulesReview{
		Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if review.Status.Incomplete {
		t.Fatal("the API server does not list all rules")
	}
	var rules []string
	for _, rule := range review.Status.ResourceRules {
		slices.Sort(rule.Verbs)
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				names := ""
				if len(rule.ResourceNames) > 0 {
					names = fmt.Sprint(rule.ResourceNames)
				}
				rules = append(rules, fmt.Sprintf("%s/%s%s: %s", group, resource, names, strings.Join(rule.Verbs, ",")))
			}
		}
	}
	for _, rule := range review.Status.NonResourceRules {
		rules = append(rules, fmt.Sprint(rule.NonResourceURLs, rule.Verbs))
	}
	return rules
}

// secondDeployment comes and goes beside the first without touching it.
func secondDeployment(t *testing.T, c *cluster) {
	var before, after appsv1.Deployment
	first := client.ObjectKey{Namespace: home, Name: operator}
	if err := c.admin.Get(t.Context(), first, &before); err != nil {
		t.Fatal(err)
	}
	c.apply(t, "config/shard")
	var both appsv1.DeploymentList
	if err := c.admin.List(t.Context(), &both, client.InNamespace(home)); err != nil || len(both.Items) != 2 {
		t.Fatalf("there are %d deployments, want 2 (%v)", len(both.Items), err)
	}
	for _, one := range both.Items {
		for _, other := range both.Items {
			if takes := labels.SelectorFromSet(one.Spec.Selector.MatchLabels).Matches(labels.Set(other.Spec.Template.Labels)); takes != (one.Name == other.Name) {
				t.Errorf("deployment %s takes pods of %s for its own: %t", one.Name, other.Name, takes)
			}
		}
	}
	c.kubectl(t, "delete", "-k", "config/shard")
	if err := c.admin.Get(t.Context(), first, &after); err != nil || after.Generation != before.Generation || after.UID != before.UID {
		t.Errorf("the first deployment was touched: %v", err)
	}
	var namespace corev1.Namespace
	if err := c.admin.Get(t.Context(), client.ObjectKey{Name: home}, &namespace); err != nil || namespace.DeletionTimestamp != nil || namespace.Labels["app.kubernetes.io/name"] != operator {
		t.Errorf("the namespace was touched: %v, %v", namespace.ObjectMeta, err)
	}
}

// anotherSecret grants a name as docs/rbac.md says, and so comes after what says that it is not granted.
func anotherSecret(t *testing.T, c *cluster) {
	c.kubectl(t, "patch", "clusterrole", "activenumber-operator-secret-reader", "--type=json",
		`-p=[{"op": "add", "path": "/rules/0/resourceNames/-", "value": "something-else"}]`)
	mayAll(t, c.operator(t), map[string]attempt{
		"read the Secret of before": get(secret(tenant, "sinch-credentials")),
		"read the other Secret too": get(secret(tenant, "something-else")),
	})
}

func peoplesReach(t *testing.T, c *cluster) {
	t.Run("an editor", func(t *testing.T) {
		editor := c.user(t, "editor", "activenumber-viewer", "activenumber-editor")
		mayAll(t, editor, map[string]attempt{
			"create a number": create(number("edited")),
			"edit a number":   patchSpec(number("support-us")),
			"list numbers":    list(&v1alpha1.ActiveNumberList{}, client.InNamespace(tenant)),
			"get a number":    get(number("support-us")),
		})
		mayNone(t, editor, map[string]attempt{
			"patch a number's status": patchStatus(number("support-us")),
			"update a number's status": func(ctx context.Context, c client.WithWatch) error {
				return c.Status().Update(ctx, number("support-us"))
			},
			"edit elsewhere": create(&v1alpha1.ActiveNumber{ObjectMeta: metav1.ObjectMeta{Namespace: stranger, Name: "edited"}, Spec: number("").Spec}),
			"read a Secret":  get(secret(tenant, "sinch-credentials")),
		})
		mayAll(t, editor, map[string]attempt{"delete a number": remove(number("edited"))})
	})
	t.Run("a viewer", func(t *testing.T) {
		viewer := c.user(t, "viewer", "activenumber-viewer")
		mayAll(t, viewer, map[string]attempt{
			"get a number": get(number("support-us")),
			"list numbers": list(&v1alpha1.ActiveNumberList{}, client.InNamespace(tenant)),
		})
		mayNone(t, viewer, map[string]attempt{
			"create a number":         create(number("viewed")),
			"edit a number":           patchSpec(number("support-us")),
			"delete a number":         remove(number("support-us")),
			"patch a number's status": patchStatus(number("support-us")),
		})
	})
}

// aggregation compares labels with what view, edit and admin collect; the controller that does it does not run here.
func aggregation(t *testing.T, c *cluster) {
	tests := map[string][]string{
		"view":  {"activenumber-viewer"},
		"edit":  {"activenumber-editor", "activenumber-viewer"},
		"admin": {"activenumber-editor", "activenumber-viewer"},
	}
	var ours rbacv1.ClusterRoleList
	if err := c.admin.List(t.Context(), &ours, client.MatchingLabels{"app.kubernetes.io/name": operator}); err != nil {
		t.Fatal(err)
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			var role rbacv1.ClusterRole
			if err := c.admin.Get(t.Context(), client.ObjectKey{Name: name}, &role); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, our := range ours.Items {
				if collects(t, role, our) {
					got = append(got, our.Name)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("collects %v, want %v", got, want)
			}
		})
	}
}

func collects(t *testing.T, role, other rbacv1.ClusterRole) bool {
	t.Helper()
	return slices.ContainsFunc(role.AggregationRule.ClusterRoleSelectors, func(labelSelector metav1.LabelSelector) bool {
		selector, err := metav1.LabelSelectorAsSelector(&labelSelector)
		if err != nil {
			t.Fatal(err)
		}
		return selector.Matches(labels.Set(other.Labels))
	})
}

// scrapersReach scrapes the API server, whose /metrics is guarded by the same URL and verb as the operator's.
func scrapersReach(t *testing.T, c *cluster) {
	c.kubectl(t, "create", "clusterrolebinding", "scraper", "--clusterrole=activenumber-operator-metrics-reader", "--user=scraper")
	scrape := func(user string) attempt {
		return func(ctx context.Context, _ client.WithWatch) error {
			config, err := c.User(user)
			if err != nil {
				return err
			}
			clients, err := kubernetes.NewForConfig(config)
			if err != nil {
				return err
			}
			return clients.RESTClient().Get().AbsPath("/metrics").Do(ctx).Error()
		}
	}
	mayAll(t, nil, map[string]attempt{"scrape with the role": scrape("scraper")})
	mayNone(t, nil, map[string]attempt{"scrape without it": scrape("passer-by")})
}

// watchersReach asks what Prometheus and kube-state-metrics may do. The rest of config/prometheus is of kinds that only the
// Prometheus operator brings, so it is built and not applied.
func watchersReach(t *testing.T, c *cluster) {
	c.kubectl(t, "kustomize", "config/prometheus")
	c.kubectl(t, "apply", "-f", "config/prometheus/scraper.yaml", "-f", "config/kube-state-metrics/role.yaml")
	for account, questions := range map[string][][]string{
		"monitoring:prometheus":          {{"get", "/metrics"}, {"watch", "endpointslices.discovery.k8s.io", "-n", home}, {"list", "pods", "-n", home}},
		"kube-system:kube-state-metrics": {{"watch", "activenumbers", "-A"}, {"list", "customresourcedefinitions"}},
	} {
		for _, question := range questions {
			t.Run(account+" may "+strings.Join(question, " "), func(t *testing.T) {
				args := slices.Concat([]string{"auth", "can-i", "--as=system:serviceaccount:" + account}, question)
				// The API server learns of a role a moment after it was written.
				if err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
					return c.Kubectl(ctx, c.kubeconfig, args...).Run() == nil, nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestTheInstallationByNamespace(t *testing.T) {
	c := newCluster(t)
	c.apply(t, "config/namespaced")
	if err := c.admin.Create(t.Context(), number("support-us")); err != nil {
		t.Fatal(err)
	}
	numbers, there := &v1alpha1.ActiveNumberList{}, client.InNamespace(tenant)
	mayNone(t, c.operator(t), map[string]attempt{
		"read the Secret before the tenant agrees": get(secret(tenant, "sinch-credentials")),
		"list numbers before the tenant agrees":    list(numbers, there),
	})
	c.apply(t, "config/namespaced/tenant", "-n", tenant)
	mayAll(t, c.operator(t), map[string]attempt{
		"read the Secret once the tenant agrees":         get(secret(tenant, "sinch-credentials")),
		"list numbers once the tenant agrees":            list(numbers, there),
		"watch numbers once the tenant agrees":           watch(numbers, there),
		"patch a number's status once the tenant agrees": patchStatus(number("support-us")),
		"take the lease, whatever its name":              create(&coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: operator + "-a6ac361bbb"}}),
	})
	mayNone(t, c.operator(t), map[string]attempt{
		"read another Secret of the tenant":    get(secret(tenant, "something-else")),
		"read the Secret of another namespace": get(secret(stranger, "sinch-credentials")),
		"list numbers everywhere":              list(numbers),
		"watch numbers everywhere":             watch(numbers),
		"list numbers of another namespace":    list(numbers, client.InNamespace(stranger)),
	})
	t.Run("and has no other power", func(t *testing.T) {
		c.has(t, map[string][]string{
			tenant:   slices.Concat(clusterRules, tenantRules),
			stranger: clusterRules,
			home:     slices.Concat(clusterRules, homeRules),
		})
	})
}
