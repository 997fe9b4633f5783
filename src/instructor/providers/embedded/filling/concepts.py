"""What documents call things: one row per concept, its usual names first.

A property whose own name is on a row may be found under every other name of that row, the earlier the better. The rows
also tell which printed words are labels at all, so that a label is not taken for a value.
"""

from __future__ import annotations

CONCEPTS: dict[str, str] = {
    "total": "total, grand total, total amount, amount due, total due, balance due, total payable, amount payable, "
    "invoice total, order total, net payable, amount to pay, total to pay, to pay, please pay, total price, total cost, "
    "total paid, total charge, amount charged, amount paid, balance, sum total, total sum, gesamt, gesamtbetrag, amount",
    "subtotal": "subtotal, sub total, net total, net amount, total net, subtotal amount, total before tax, "
    "amount before tax, total excl vat, total excl tax, merchandise total, items total, net",
    "tax": "tax, sales tax, vat, gst, tax amount, vat amount, total tax, hst, pst, mwst, iva, tva, sales taxes, taxes",
    "tax_rate": "tax rate, vat rate, gst rate, rate of tax, vat percent, tax percent",
    "vat_id": "vat number, vat id, vat no, vat reg no, tax id, tax number, tax no, gst number, ust id",
    "tip": "tip, gratuity, tips",
    "service": "service charge, service, service fee",
    "discount": "discount, rebate, savings, you saved, coupon, promotion",
    "shipping": "shipping, delivery, freight, postage, shipping cost, shipping fee, delivery charge, delivery fee, "
    "shipping and handling, carriage",
    "change": "change, change due, change given",
    "tendered": "cash, amount tendered, tendered, cash tendered, cash given",
    "deposit": "deposit, amount received, prepaid",
    "invoice_number": "invoice number, invoice no, invoice id, inv no, invoice, bill no, bill number, document no, "
    "document number, invoice ref, invoice reference, our reference",
    "order_number": "order number, order no, order id, order ref, order reference, order, booking reference, "
    "confirmation number, booking number",
    "purchase_order": "purchase order, po number, po no, po, purchase order no, purchase order number, p o no, your order",
    "receipt_number": "receipt number, receipt no, receipt id, transaction no, transaction id, transaction number, trans no, "
    "check no, ticket no, bon no, receipt",
    "customer_number": "customer number, customer no, customer id, client no, client id, cust no",
    "account_number": "account number, account no, account, acct no",
    "date": "date, invoice date, date of issue, issue date, issued, issued on, date issued, receipt date, dated, bill date, "
    "transaction date, order date, purchase date, date of purchase, statement date, printed on",
    "due_date": "due date, payment due, due, payment due date, due by, pay by, payable by, date due, due on, pay before",
    "start_date": "start date, from date, date from, starts, start, begin date, period start, valid from, effective date",
    "end_date": "end date, to date, date to, ends, end, period end, valid until, valid to, valid through",
    "expiry": "expiry date, expiration date, expires, expiry, expires on, exp date, valid until, valid thru, good through",
    "arrival": "arrival, check in, arrival date, checkin, arrives",
    "departure": "departure, check out, departure date, checkout, departs, departure time",
    "time": "time, hour, at",
    "birth": "date of birth, dob, birth date, born, birthdate, birthday, born on",
    "vendor": "vendor, merchant, store, seller, supplier, issuer, shop, from, vendor name, merchant name, store name, "
    "company, company name, business, sold by, billed by, issued by, business name, retailer, restaurant",
    "customer": "customer, bill to, client, buyer, billed to, invoice to, sold to, customer name, client name, buyer name, "
    "recipient, purchaser, payer, to, guest, guest name, attention, attn, name",
    "ship_to": "ship to, deliver to, shipped to, delivery to, consignee, recipient",
    "billing_address": "billing address, bill to, invoice address",
    "shipping_address": "shipping address, ship to, delivery address, deliver to",
    "name": "name, full name, your name, attendee, participant, guest, applicant, employee, employee name, patient, "
    "patient name, student, student name, holder, cardholder, visitor, passenger, speaker",
    "first_name": "first name, given name, forename, given names, firstname",
    "last_name": "last name, surname, family name, lastname",
    "middle_name": "middle name",
    "phone": "phone, tel, telephone, phone number, mobile, cell, contact number, ph, telephone number, mobile number, call, "
    "phone no, tel no, t, m, p",
    "fax": "fax, fax number, fax no",
    "email": "email, e mail, email address, mail, e mail address, contact email",
    "website": "website, web, url, web site, homepage, link, www, site",
    "address": "address, street address, mailing address, postal address, residence, location, addr, home address",
    "street": "street, street address, address line 1, road",
    "city": "city, town, municipality, place",
    "state": "state, province, region, county",
    "zip": "zip, zip code, postal code, postcode, post code, plz",
    "country": "country, nation",
    "currency": "currency, currency code, ccy",
    "payment_method": "payment method, paid by, payment, payment type, tender, method of payment, card type, paid with, "
    "pay method, payment mode, tender type, paid",
    "company": "company, organization, organisation, company name, employer, affiliation, institution, organization name",
    "job": "job title, title, role, position, occupation, designation, profession, job",
    "department": "department, dept, division, team, unit",
    "age": "age, years old, aged",
    "gender": "gender, sex",
    "nationality": "nationality, citizenship",
    "signature": "signature, signed, sign here, authorised signature, authorized signature",
    "iban": "iban, bank account, account iban",
    "bic": "bic, swift, swift code, swift bic",
    "cashier": "cashier, served by, server, clerk, operator, waiter",
    "reference": "reference, ref, reference no, reference number, ref no, id, no, number",
    "notes": "notes, note, remarks, comments, remark, comment, memo",
    "terms": "terms, payment terms, terms of payment",
    "event": "event, event name, conference",
}
"""Scalar properties of a document."""

COLUMNS: dict[str, str] = {
    "item": "description, item, product, name, item description, product name, item name, service, article, details, "
    "particulars, goods, title, service description, product description, task, work, position",
    "quantity": "quantity, qty, count, units, pcs, pieces, qty ordered, quantity ordered, hours, no, amount, menge",
    "unit_price": "unit price, price, rate, price each, each, unit cost, cost, price per unit, unit, item price, cost each, "
    "hourly rate",
    "line_total": "amount, total, line total, line amount, extended price, total price, extension, ext price, ext, sum, "
    "total amount, value, price, charge, net amount, cost, fee",
    "sku": "sku, item no, code, product code, item code, part no, part number, article no, upc, item number, product id, "
    "model, stock no, item id, id",
    "tax": "tax, vat, gst, tax rate, vat rate, vat percent, tax percent",
    "discount": "discount, disc, rebate",
    "date": "date, day, when",
    "time": "time, hour, start",
    "name": "name, full name, employee, student, person, member, player, participant, contact",
    "phone": "phone, tel, telephone, mobile, phone number",
    "extension": "extension, ext, ext no",
    "email": "email, e mail, mail, email address",
    "city": "city, town, place, location, venue",
    "department": "department, dept, division",
    "points": "points, pts, score",
    "position": "position, pos, rank, place, no, number",
}
"""Columns of a table of items."""

ESTABLISHMENTS: frozenset[str] = frozenset(
    "restaurant station hotel pharmacy clinic hospital school university bank cafe garage airline theatre theater cinema "
    "museum library institution practice landlord provider carrier bakery bookshop supermarket operator venue".split()
)
"""Names of properties that mean whoever issued the document, though nobody prints them as a label."""

SUMMARY: frozenset[str] = frozenset(
    {"total", "subtotal", "tax", "tip", "service", "discount", "shipping", "change", "tendered", "deposit"}
)
"""Concepts whose lines stand under a table of items and end it."""

SUMMARY_WORDS: frozenset[str] = frozenset(
    "visa mastercard amex debit credit card maestro eftpos contactless rounding thank paid payment balance".split()
)

WEAK: frozenset[str] = frozenset(
    "no id date name amount value type code total time price of the and a an in on for is to by from per field "
    "please enter your our main full used which what whose with kg cm mm km euro dollars usd eur".split()
)
"""Tokens that alone do not tell one property from another."""

SAME_TOKEN: dict[str, str] = {
    "number": "no", "num": "no", "nr": "no", "nbr": "no", "numbers": "no", "qty": "quantity", "amt": "amount",
    "addr": "address", "dept": "department", "organisation": "organization", "tel": "phone", "telephone": "phone",
    "surname": "lastname", "inv": "invoice", "ref": "reference", "desc": "description", "licence": "license",
    "colour": "color", "litres": "liters", "litre": "liter", "ext": "extension", "ship": "shipping", "acct": "account",
    "lic": "license", "reg": "registration", "max": "maximum", "min": "minimum", "ok": "passed", "centre": "center",
}  # fmt: skip

STOP: frozenset[str] = frozenset("of the your a an please in for is on at and our this that it to with s".split())

TAILS: dict[str, str] = {"on": "date", "at": "date"}
"""What the last word of a label asks for: "Reported on", "reported_at" and "report date" ask for a date."""

ENDINGS: frozenset[str] = frozenset({"by", "on", "at", "to", "from"})
"""Last words that make another label of the words before them, however alike the letters are."""

PERSONS: frozenset[str] = frozenset(
    "person member holder cardholder attendee delegate participant visitor speaker employee student volunteer staff "
    "passenger patient applicant bearer exhibitor contact user driver owner".split()
)
"""Who a property ending in `_name` may be about for the name to be a person's."""

LONG_TEXT: frozenset[str] = frozenset(
    "description summary caption content text transcript transcription overview abstract ocr body raw_text full_text "
    "details alt_text image_description extracted_text raw_content".split()
)
"""Names of free-text properties that are answered with a factual description or with all words read."""

WORDS_OF: frozenset[str] = frozenset(
    "content text transcript transcription ocr body raw_text full_text words extracted_text raw_content".split()
)
"""Those of them that mean the words alone."""
