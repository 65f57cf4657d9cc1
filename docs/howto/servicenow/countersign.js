/*
 * Script include `Countersign` (System Definition → Script Includes, accessible from all scopes, not client callable).
 * It posts a record to Countersign with a signature over time and body. Errors are logged and nothing else: Countersign
 * reads what changed by itself every two minutes, so a lost post loses nothing.
 *
 * System properties:
 *   countersign.url    the address that `./manage.py source add servicenow` printed (type: password2)
 *   countersign.hmac   the same base64 secret as in the connection's `hmac` (type: password2); empty for none
 */
var Countersign = Class.create();
Countersign.prototype = {
  FIELDS: ['number', 'short_description', 'description', 'state', 'approval', 'impact', 'urgency', 'priority',
    'correlation_id', 'correlation_display', 'close_code', 'category', 'sysapproval', 'approver', 'source_table',
    'sys_mod_count', 'sys_updated_on', 'sys_updated_by'],
  NAMES: ['cmdb_ci', 'business_service', 'assignment_group'],

  initialize: function () {},

  /* Call it from an asynchronous business rule: new Countersign().tell(current, 'incident.updated'); */
  tell: function (record, event) {
    var table = '' + record.getTableName();
    var told = {table: table, sys_id: '' + record.getUniqueValue()};
    this.FIELDS.forEach(function (name) {
      if (record.isValidField(name)) told[name] = '' + record.getValue(name);
    });
    this.NAMES.forEach(function (name) {
      if (record.isValidField(name)) told[name] = '' + record.getDisplayValue(name);
    });
    told.state_label = '' + record.getDisplayValue('state');
    this._post(JSON.stringify({
      schema: 'itops.sn/1',
      delivery_id: '' + gs.generateGUID(),
      event: event,
      occurred_at: told.sys_updated_on,
      instance: '' + gs.getProperty('glide.servlet.uri'),
      record: told
    }));
  },

  _post: function (body) {
    var request = new sn_ws.RESTMessageV2();
    request.setEndpoint(gs.getProperty('countersign.url'));
    request.setHttpMethod('post');
    request.setRequestHeader('Content-Type', 'application/json');
    request.setHttpTimeout(10000);
    var secret = gs.getProperty('countersign.hmac');
    if (secret) {
      var at = '' + Math.floor(new GlideDateTime().getNumericValue() / 1000);
      var mac = new GlideCertificateEncryption().generateMac(secret, 'HmacSHA256', at + '.' + body);
      request.setRequestHeader('X-Countersign-Timestamp', at);
      request.setRequestHeader('X-Countersign-Signature', '' + mac);
    }
    request.setRequestBody(body);
    try {
      var status = request.execute().getStatusCode();
      if (status < 200 || status > 299) gs.warn('Countersign answered ' + status);
    } catch (error) {
      gs.warn('Countersign was not reached: ' + error);
    }
  },

  type: 'Countersign'
};
