// Package v20170312 stands in for a cloud's client that no registry serves. flanneld's backend for that cloud names these
// types; every call fails, and no measurement comes near it.
package v20170312

import "errors"

var errAbsent = errors.New("this build of flanneld has no Tencent cloud client")

// Client is the cloud's client.
type Client struct{}

// Filter narrows a query.
type Filter struct {
	Name   *string
	Values []*string
}

// Route is a route of a route table.
type Route struct {
	RouteId              *uint64
	DestinationCidrBlock *string
	GatewayType          *string
	GatewayId            *string
	RouteType            *string
	Enabled              *bool
}

// RouteTable holds routes.
type RouteTable struct {
	RouteTableId *string
	RouteSet     []*Route
}

// DescribeRouteTablesRequest asks for route tables.
type DescribeRouteTablesRequest struct{ Filters []*Filter }

// DescribeRouteTablesResponse is its answer.
type DescribeRouteTablesResponse struct {
	Response *struct{ RouteTableSet []*RouteTable }
}

// RoutesRequest names routes of a table.
type RoutesRequest struct {
	RouteTableId *string
	Routes       []*Route
}

// NewClientWithSecretId makes a client that can do nothing.
func NewClientWithSecretId(id, key, region string) (*Client, error) { return &Client{}, nil }

// NewDescribeRouteTablesRequest makes a query.
func NewDescribeRouteTablesRequest() *DescribeRouteTablesRequest { return &DescribeRouteTablesRequest{} }

// NewDeleteRoutesRequest makes a request.
func NewDeleteRoutesRequest() *RoutesRequest { return &RoutesRequest{} }

// NewCreateRoutesRequest makes a request.
func NewCreateRoutesRequest() *RoutesRequest { return &RoutesRequest{} }

// DescribeRouteTables fails.
func (*Client) DescribeRouteTables(*DescribeRouteTablesRequest) (*DescribeRouteTablesResponse, error) {
	return nil, errAbsent
}

// DeleteRoutes fails.
func (*Client) DeleteRoutes(*RoutesRequest) (*struct{}, error) { return nil, errAbsent }

// CreateRoutes fails.
func (*Client) CreateRoutes(*RoutesRequest) (*struct{}, error) { return nil, errAbsent }
