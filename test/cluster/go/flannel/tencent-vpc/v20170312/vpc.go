// Package v20170312 stands for the client of Tencent's cloud, which Go's module proxy does not serve. Flannel imports it for a backend
// that the bed never uses. It has the shapes that the backend names, and each call says that there is no such client.
package v20170312

import "errors"

var errNoClient = errors.New("this build of Flannel has no client of Tencent's cloud")

type Client struct{}

func NewClientWithSecretId(_, _, _ string) (*Client, error) { return nil, errNoClient }

type Filter struct {
	Name   *string
	Values []*string
}

type Route struct {
	RouteId              *uint64
	DestinationCidrBlock *string
	GatewayType          *string
	GatewayId            *string
	RouteType            *string
	Enabled              *bool
}

type RouteTable struct {
	RouteTableId *string
	RouteSet     []*Route
}

type DescribeRouteTablesRequest struct{ Filters []*Filter }

type DescribeRouteTablesResponse struct {
	Response struct{ RouteTableSet []*RouteTable }
}

func NewDescribeRouteTablesRequest() *DescribeRouteTablesRequest { return &DescribeRouteTablesRequest{} }

func (*Client) DescribeRouteTables(*DescribeRouteTablesRequest) (*DescribeRouteTablesResponse, error) {
	return nil, errNoClient
}

type DeleteRoutesRequest struct {
	RouteTableId *string
	Routes       []*Route
}

func NewDeleteRoutesRequest() *DeleteRoutesRequest { return &DeleteRoutesRequest{} }

func (*Client) DeleteRoutes(*DeleteRoutesRequest) (struct{}, error) { return struct{}{}, errNoClient }

type CreateRoutesRequest struct {
	RouteTableId *string
	Routes       []*Route
}

func NewCreateRoutesRequest() *CreateRoutesRequest { return &CreateRoutesRequest{} }

func (*Client) CreateRoutes(*CreateRoutesRequest) (struct{}, error) { return struct{}{}, errNoClient }
